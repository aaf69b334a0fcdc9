/** The most that the API takes. */
const MOST = 1_000_000;

/** The number of a page in an address that anybody may have written; the first one when it makes no sense. */
export function readPage(text: unknown): number {
  const page = Math.trunc(Number(text));
  return page >= 1 && page <= MOST ? page : 1;
}
