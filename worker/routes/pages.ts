import type { AppContext } from "../middleware/app-env.ts";
import { ApiError, handleError } from "../middleware/errors.ts";
import { createRouteTable } from "./route-table.ts";

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

const methodsOfPage = createRouteTable(PAGES.map((path) => ({ method: "GET", path })));

/** Where only programs ask, also when they say that they would take HTML. */
const NO_PAGES = /^\/(api|ws|assets|docs-ui)(\/|$)/;

/** The page of the dashboard. */
export function servePage(c: AppContext): Promise<Response> {
  return c.env.ASSETS.fetch(new Request(new URL("/", c.req.url), c.req.raw));
}

/**
 * The answer at a path that nothing else answers. `methods`: what the path allows. Only somebody who asks for HTML gets
 * a page, and never with a status that a monitor or a load balancer would take for health.
 */
export async function answerUnknownPath(c: AppContext, methods: string[]): Promise<Response> {
  // An error thrown here would pass `observe` by, and its answer would carry none of the headers.
  const refuse = (error: ApiError) => handleError(error, c);
  if (methods.length > 0) {
    const headers = { Allow: methods.join(", ") };
    return refuse(new ApiError("method_not_allowed", `${c.req.method} is not allowed here`, { headers }));
  }
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  const { pathname, search } = new URL(c.req.url);
  const withoutSlash = pathname.replace(/\/$/, "");
  if (isRead && methodsOfPage(withoutSlash).length > 0) return c.redirect(withoutSlash + search, 301);
  if (!isRead || NO_PAGES.test(c.req.path) || !/\btext\/html\b/i.test(c.req.header("Accept") ?? "")) {
    return refuse(new ApiError("not_found", "There is nothing at this path."));
  }
  // Without the headers of the request: nothing has changed since the browser was told that this is not found.
  const page = await c.env.ASSETS.fetch(new Request(new URL("/", c.req.url), { method: c.req.method }));
  const headers = new Headers(page.headers);
  headers.delete("ETag");
  headers.set("Cache-Control", "no-store");
  return new Response(page.body, { status: 404, headers });
}
