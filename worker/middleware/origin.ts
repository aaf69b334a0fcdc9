const DEFAULT_PORTS = new Set(["", "80", "443"]);
const MAX_SHOWN = 200;

/** Whether the Origin is exactly ours or an allowed one. A cookie needs this: browsers send it by themselves. */
export function isExactOrigin(request: Request, allowedOrigins: string[]): boolean {
  const origin = request.headers.get("Origin");
  return origin !== null && (origin === new URL(request.url).origin || allowedOrigins.includes(origin));
}

/**
 * Whether a page of another host sends this request. The scheme does not count, because client libraries send the
 * header by themselves and the credentials in question are never added by a browser.
 */
export function isForeignOrigin(request: Request, allowedOrigins: string[]): boolean {
  const origin = request.headers.get("Origin");
  if (origin === null || allowedOrigins.includes(origin)) return false;
  return !isSameHost(origin, request.url);
}

function isSameHost(origin: string, url: string): boolean {
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
  const [theirs, ours] = [new URL(origin), new URL(url)];
  const isSamePort = theirs.port === ours.port || (DEFAULT_PORTS.has(theirs.port) && DEFAULT_PORTS.has(ours.port));
  return theirs.hostname === ours.hostname && isSamePort;
}

/** The message for the caller. Libraries print it, so it names what to change. */
export function foreignOriginMessage(request: Request): string {
  const origin = request.headers.get("Origin");
  if (origin === null) return "A session cookie is accepted here only with an Origin header that names this origin.";
  return (
    `The Origin header names ${origin.slice(0, MAX_SHOWN)}, and web pages of that origin are refused. ` +
    "A program should leave the Origin header out. If the page is yours, add its origin to the setting ALLOWED_ORIGINS."
  );
}
