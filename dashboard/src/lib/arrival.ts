/** The page that last received the focus; null: the page was just loaded, and the first Tab belongs to the skip link. */
let lastPath: string | null = null;

/** Call when the focused heading is replaced, so that its replacement gets the focus. */
export function leavePlace(): void {
  lastPath = "";
}

/** Whether this is a navigation to a new page, whose heading should get the focus. The page then counts as visited. */
export function isNewPlace(path: string): boolean {
  const isNew = lastPath !== null && lastPath !== path;
  lastPath = path;
  return isNew;
}
