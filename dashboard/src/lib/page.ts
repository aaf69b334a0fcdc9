/** The API's limit. */
const MOST = 1_000_000;

/** Reads a page number from the untrusted address; falls back to the first page. */
export function readPage(text: unknown): number {
  const page = Math.trunc(Number(text));
  return page >= 1 && page <= MOST ? page : 1;
}
