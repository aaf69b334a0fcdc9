import type { AppContext } from "../middleware/app-env.ts";
import { ApiError, handleError } from "../middleware/errors.ts";

const ORGANIZATION = "/organizations/:id";
const TABS = ["config", "messages", "activity", "access", "danger"];

/** The addresses of the dashboard, at which its one page is served. A test compares them with the routes in `app.tsx`. */
export const PAGES = [
  "/",
  "/login",
  "/welcome",
  "/wall",
  "/organizations",
  ORGANIZATION,
  ...TABS.map((tab) => `${ORGANIZATION}/${tab}`),
  "/messages",
  "/activity",
  "/logs",
  "/audit",
  "/costs",
  "/users",
  "/tokens",
  "/settings",
];

const PAGE = new RegExp(`^(${PAGES.join("|").replaceAll(/:\w+/g, "[^/]+")})$`);

/** Paths for programs only, even when they accept HTML. */
const NO_PAGES = /^\/(api|ws|assets|docs-ui)(\/|$)/;

/** The page of the dashboard. */
export function servePage(c: AppContext): Promise<Response> {
  return c.env.ASSETS.fetch(new Request(new URL("/", c.req.url), c.req.raw));
}

/** The answer for a path that serves other methods, which are `methods`. */
export function answerWrongMethod(c: AppContext, methods: string[]): Response {
  const headers = { Allow: methods.toSorted().join(", ") };
  return handleError(new ApiError("method_not_allowed", `${c.req.method} is not allowed here`, { headers }), c);
}

/**
 * The answer for a path that nothing serves. Only a request for HTML gets a page, and always with status 404, which no
 * monitor or load balancer takes for health.
 */
export async function answerUnknownPath(c: AppContext): Promise<Response> {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  const { pathname, search } = new URL(c.req.url);
  const withoutSlash = pathname.replace(/\/$/, "");
  if (isRead && PAGE.test(withoutSlash)) return c.redirect(withoutSlash + search, 301);
  if (!isRead || NO_PAGES.test(c.req.path) || !/\btext\/html\b/i.test(c.req.header("Accept") ?? "")) {
    // Not thrown: an error of this handler would bypass `observe`, and its answer would lack the headers.
    return handleError(new ApiError("not_found", "There is nothing at this path."), c);
  }
  // Without the headers of the request, so that the page is never answered as "not modified".
  const page = await c.env.ASSETS.fetch(new Request(new URL("/", c.req.url), { method: c.req.method }));
  const headers = new Headers(page.headers);
  headers.delete("ETag");
  headers.set("Cache-Control", "no-store");
  return new Response(page.body, { status: 404, headers });
}
