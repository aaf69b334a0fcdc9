const PUBLIC = new Set(["/login", "/welcome", "/wall"]);

/** Whether a page is for everybody, without a login. */
export function isPublicPage(path: string): boolean {
  return PUBLIC.has(path);
}

/** The page to go to after login: only one of ours, whatever the address says. */
export function safeNext(next: unknown, origin = location.origin): string {
  if (typeof next !== "string" || !next.startsWith("/") || !URL.canParse(next, origin)) return "/";
  const url = new URL(next, origin);
  // Two slashes at the beginning would name a host when the browser reads the path again.
  const path = url.pathname.replace(/^\/+/, "/");
  return url.origin === origin && !isPublicPage(path) ? path + url.search + url.hash : "/";
}
