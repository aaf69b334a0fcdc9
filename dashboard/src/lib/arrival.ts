/** Where the focus was put last; null: the page was just loaded, and its first Tab belongs to the skip link. */
let lastPath: string | null = null;

/** The heading that has the focus goes: the one in its place is to get it. */
export function leavePlace(): void {
  lastPath = "";
}

/** Whether showing this address is news to somebody who cannot see it; from then on it is not. */
export function isNewPlace(path: string): boolean {
  const isNew = lastPath !== null && lastPath !== path;
  lastPath = path;
  return isNew;
}
