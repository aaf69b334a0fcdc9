import { deleteCookie, setCookie } from "hono/cookie";
import type { AppContext } from "../middleware/app-env.ts";
import { SESSION_COOKIE } from "../middleware/credentials.ts";

const ATTRIBUTES = { path: "/", secure: true, httpOnly: true, sameSite: "Strict" } as const;
const SESSION_MAX_AGE_SEC = 12 * 3600;

export function setSessionCookie(c: AppContext, token: string, maxAgeSec = SESSION_MAX_AGE_SEC): void {
  setCookie(c, SESSION_COOKIE, token, { ...ATTRIBUTES, maxAge: maxAgeSec });
}

export function deleteSessionCookie(c: AppContext): void {
  deleteCookie(c, SESSION_COOKIE, ATTRIBUTES);
}
