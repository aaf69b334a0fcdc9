import { createSignal } from "solid-js";
import { actAs, actingUser, api, ask, noteEndedSession, noteSuccessor, type User } from "../../lib/api.ts";
import { Failure } from "../../lib/failure.ts";
import { recall, remember } from "../../lib/storage.ts";
import { isPublicPage } from "./next-page.ts";

// Scripts cannot read the cookie. This mark avoids a request, and its 401, when there is no session.
const MARK = "signed-in";

/** Broadcasts the current username to the other tabs of this browser; null after a logout. */
const CHANNEL = "moolai.session";

const [user, setUser] = createSignal<User | null>(null);

export { user };

export function mayOperate(): boolean {
  const role = user()?.role;
  return role !== undefined && role !== "viewer";
}

export function mayAdminister(): boolean {
  const role = user()?.role;
  return role === "admin" || role === "superadmin";
}

/** False: the page still holds data and drafts of another user and must be reloaded. */
export async function logIn(username: string, password: string): Promise<boolean> {
  const answer = await ask(api.POST("/api/v1/internal/auth/login", { body: { username, password } }));
  return take({ ...answer.user, method: "password" });
}

/** Adopts the session that single sign-on opened before this page was loaded. False: there is none. */
export async function takeUp(): Promise<boolean> {
  remember(MARK, "yes");
  const found = await resume();
  if (found) tellTabs(found.username);
  return found !== null;
}

/** Logs a wall screen in with a read-only token. False: as for {@link logIn}. */
export async function logInScreen(token: string): Promise<boolean> {
  const answer = await ask(api.POST("/api/v1/internal/auth/token-session", { body: { token } }));
  return take({ ...answer.user, method: "token" });
}

/** Makes this user the one of the browser's session, in every tab. */
function take({ username, role, method }: User): boolean {
  remember(MARK, "yes");
  tellTabs(username);
  const before = actingUser();
  if (before !== null && before !== username) return false;
  become({ username, role, method });
  return true;
}

function become(next: User): void {
  actAs(next.username);
  setUser(next);
}

function tellTabs(username: string | null): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(username);
  channel.close();
}

/** Follows logins and logouts in other tabs, which share the session. */
export function followOtherTabs(): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<string | null>) => {
    if (data === null) noteEndedSession();
    else noteSuccessor(data);
  };
  return () => channel.close();
}

/** The user of the session that an earlier visit left; null: there is none. */
export async function resume(): Promise<User | null> {
  const current = user();
  if (current) return current;
  if (recall(MARK) === null) return null;
  try {
    const answer = await ask(api.GET("/api/v1/internal/auth/me"));
    const { username, role } = answer.user;
    const found = { username, role, method: answer.method };
    become(found);
    return found;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "unauthorized") throw error;
    forget();
    return null;
  }
}

const farewells = new Set<() => Promise<void>>();

/** Registers work that must run while the session is still valid. */
export function beforeLogOut(act: () => Promise<void>): void {
  farewells.add(act);
}

function askToEnd() {
  return ask(api.POST("/api/v1/internal/auth/logout"));
}

/** Returns the page to open next; null: the browser is being sent to the identity provider, to log out there too. */
export async function logOut(): Promise<string | null> {
  return follow(await leave(askToEnd));
}

/** Ends every session of this user, in this browser too. Returns the same as {@link logOut}. */
export async function logOutEverywhere(): Promise<string | null> {
  return follow(await leave(() => ask(api.POST("/api/v1/internal/auth/logout-all"))));
}

/** Logs out of this browser only, not at the identity provider. */
export async function logOutHere(): Promise<void> {
  await leave(askToEnd);
}

type Goodbye = Awaited<ReturnType<typeof askToEnd>>;

function follow(goodbye: Goodbye | null): string | null {
  if (goodbye?.method !== "sso") return "/login";
  if (goodbye.end_session_url === null) return "/login?reason=only-here";
  location.assign(goodbye.end_session_url);
  return null;
}

async function leave(end: () => Promise<Goodbye>): Promise<Goodbye | null> {
  await Promise.all([...farewells].map((act) => act()));
  let goodbye: Goodbye | null = null;
  try {
    goodbye = await end();
  } catch (error) {
    // The session had already ended.
    if (!(error instanceof Failure) || error.code !== "unauthorized") throw error;
  }
  tellTabs(null);
  forget();
  return goodbye;
}

export function forget(): void {
  remember(MARK, null);
  setUser(null);
}

/** The address of the login page that returns to the current page afterwards. */
export function loginAddress(here: Pick<Location, "pathname" | "search" | "hash">, reason?: "expired"): string {
  const next = here.pathname + here.search + here.hash;
  const query = new URLSearchParams({ ...(next !== "/" && { next }), ...(reason && { reason }) }).toString();
  return query ? `/login?${query}` : "/login";
}

/** Runs before anything is loaded: a visitor without a session needs only the login page. */
export function beginAtLogin(): void {
  if (recall(MARK) !== null || isPublicPage(location.pathname)) return;
  history.replaceState(null, "", loginAddress(location));
}
