const PUBLIC = new Set(["/login", "/welcome", "/wall"]);

/** Whether a page can be opened without a login. */
export function isPublicPage(path: string): boolean {
  return PUBLIC.has(path);
}

/** The page to open after a login. The address is untrusted, so only pages of this dashboard count. */
export function safeNext(next: unknown, origin = location.origin): string {
  if (typeof next !== "string" || !next.startsWith("/") || !URL.canParse(next, origin)) return "/";
  const url = new URL(next, origin);
  // A path that starts with two slashes would be read as a host.
  const path = url.pathname.replace(/^\/+/, "/");
  return url.origin === origin && !isPublicPage(path) ? path + url.search + url.hash : "/";
}
