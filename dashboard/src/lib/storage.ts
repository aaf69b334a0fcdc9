/** Stores a value in localStorage, which throws where the browser forbids it; then nothing is stored. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`moolai.${key}`);
    else localStorage.setItem(`moolai.${key}`, value);
  } catch {
    // Not remembered.
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`moolai.${key}`);
  } catch {
    return null;
  }
}
