import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { generateRandomCodeVerifier, generateRandomNonce, generateRandomState } from "oauth4webapi";
import { authOf } from "../auth/stub.ts";
import { loginMethods } from "../contract/rest/auth.ts";
import type { SsoRefusal } from "../contract/sso.ts";
import { recordLogin } from "../db/users.ts";
import { dropViewers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { behindAnswer, noteAccess } from "../middleware/audit.ts";
import { digestOf, newSessionToken } from "../middleware/credentials.ts";
import { ApiError } from "../middleware/errors.ts";
import { countBeforeLookup } from "../middleware/rate.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { settingsOf } from "../platform/settings.ts";
import {
  ATTEMPT_COOKIE,
  ATTEMPT_COOKIE_SEC,
  ATTEMPT_MS,
  type Attempt,
  nextOf,
  openAttempt,
  sealAttempt,
} from "../sso/attempt.ts";
import { wantedName } from "../sso/names.ts";
import { authorizationUrl, type Person, personOf, refusalIn, SsoError } from "../sso/provider.ts";
import { type Access, accessOf } from "../sso/rules.ts";
import type { SsoSettings } from "../sso/settings.ts";
import { createRouter, defineRoute } from "./define.ts";
import { endCredentialsBeyond } from "./revoke-credentials.ts";
import { setSessionCookie } from "./session-cookie.ts";
import { admitGuess } from "./sessions.ts";
import { accountOf, changeAccess, endAccess } from "./sso-account.ts";
import { success } from "./success.ts";

/*
 * Addresses for browsers, not part of the API: both answer with a redirect. The way back always leads to the login
 * page, which judges where to continue.
 */
export const SSO_START = "/api/v1/internal/auth/sso/start";
export const SSO_CALLBACK = "/api/v1/internal/auth/sso/callback";

/** Lax, because the provider's page leads back here. The attempt must have been started in this browser. */
const COOKIE = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;
const MAX_ID_TOKEN = 16_000;

const methods = defineRoute({
  method: "get",
  path: "/api/v1/internal/auth/methods",
  tag: "Auth",
  summary: "How people log in here",
  permission: "session.open",
  response: loginMethods,
});

export const sso = createRouter();

sso.openapi(methods, (c) => {
  const { login } = settingsOf(c.env);
  const offered = login.sso && { button: login.sso.button, start: `${login.publicUrl ?? ""}${SSO_START}` };
  return success(c, "Ways to log in retrieved successfully", { password: login.localLogin, sso: offered });
});

sso.get(SSO_START, async (c) => {
  const { login } = settingsOf(c.env);
  const next = nextOf(c.req.query("next"));
  const site = c.req.header("Sec-Fetch-Site");
  // Another site may lead to the login page but not further: nobody is logged in without asking for it.
  if (!login.sso || site === "cross-site" || site === "same-site") return toLoginPage(c, { next });
  const attempt: Attempt = {
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
    next,
    startedAt: Date.now(),
  };
  try {
    const url = await authorizationUrl(login.sso, redirectUri(c), attempt, Date.now());
    setCookie(c, ATTEMPT_COOKIE, await sealAttempt(c.env.SECRETS_KEY, attempt), {
      ...COOKIE,
      maxAge: ATTEMPT_COOKIE_SEC,
    });
    return c.redirect(url, 303);
  } catch (error) {
    return refuse(c, error, { next, name: "" });
  }
});

sso.get(SSO_CALLBACK, async (c) => {
  const { login } = settingsOf(c.env);
  if (!login.sso) return toLoginPage(c, { next: "/" });
  const cookie = getCookie(c, ATTEMPT_COOKIE);
  deleteCookie(c, ATTEMPT_COOKIE, COOKIE);
  const attempt = cookie === undefined ? null : await openAttempt(c.env.SECRETS_KEY, cookie);
  const seen: Seen = { next: attempt?.next ?? "/", name: "" };
  try {
    await logIn(c, login.sso, attempt, seen);
    return toLoginPage(c, { signed_in: "sso", next: seen.next });
  } catch (error) {
    return refuse(c, error, seen);
  }
});

/** The facts about a person who is refused. */
interface Seen {
  next: string;
  /** The name in the audit of a person without an account. The space keeps it from being a user name. */
  name: string;
}

/** The refusals of a made-up or stolen answer. Every other failure is no guess and must not throttle a whole office. */
const GUESSES = new Set<SsoRefusal>(["sso_unknown_attempt", "sso_code_refused", "sso_token_invalid"]);

async function logIn(c: AppContext, provider: SsoSettings, attempt: Attempt | null, seen: Seen): Promise<void> {
  const answer = new URL(c.req.url).searchParams;
  if (!attempt || answer.get("state") !== attempt.state) {
    await countBeforeLookup(c);
    throw new SsoError("sso_unknown_attempt", attempt ? "state does not fit" : "no attempt in this browser");
  }
  if (Date.now() - attempt.startedAt > ATTEMPT_MS) throw new SsoError("sso_expired", "the attempt is too old");
  // Without a code to judge, this uses no attempt and writes no row.
  const refusal = refusalIn(answer);
  if (refusal) throw refusal;
  const attemptDigest = digestOf(attempt.state);
  // Counts for the address and against no person, because the person is not known yet.
  const gate = await admitGuess(c, `sso ${attemptDigest.slice(0, 12)}`);
  try {
    if (!(await authOf(c.env).claimSsoAttempt(attemptDigest))) {
      throw new SsoError("sso_unknown_attempt", "the attempt was used before");
    }
    const person = await personOf(provider, redirectUri(c), attempt, answer, Date.now());
    await admit(c, provider, person, gate, seen);
  } catch (error) {
    if (!(error instanceof SsoError && GUESSES.has(error.reason))) await authOf(c.env).forgive(gate.attemptId);
    throw error;
  }
}

type Gate = Awaited<ReturnType<typeof admitGuess>>;

/** Logs in the person that the provider has named, with the access that the rules grant. */
async function admit(c: AppContext, provider: SsoSettings, person: Person, gate: Gate, seen: Seen): Promise<void> {
  seen.name = `sso ${wantedName({ ...person.claims, sub: person.subject })}`;
  const access = accessOf(person.claims, provider.rules);
  if ("refused" in access) {
    // Only an answer of the provider ends access. Claims that it left out are no answer.
    const former = access.refused === "no_group" ? await accountOf(c, person, null) : null;
    if (former !== null) await endAccess(c, former.username);
    throw new SsoError(`sso_${access.refused}`, groupsOf(person));
  }
  const account = await accountOf(c, person, access);
  if (account === null) throw new SsoError("sso_changed_meanwhile", "no account");
  const { username, isChanged } = account;
  const token = newSessionToken();
  try {
    await openSession(c, { username, token, access, person, gate });
    if (isChanged) await dropViewers(c.env, { user: username, comesBack: true });
    await endCredentialsBeyond(c, username, access);
  } catch (error) {
    // Postgres has the new access already, and the next login would find nothing changed.
    await changeAccess(c, username, access);
    throw error;
  }
  noteAccess(c, {
    action: "auth.login",
    target: { type: "user", id: username },
    code: null,
    detail: { by: "single sign-on", issuer: person.issuer },
  });
  behindAnswer(c, () => recordLogin(c.env, username));
  setSessionCookie(c, token);
}

interface Admitted {
  username: string;
  token: string;
  access: Access;
  person: Person;
  gate: Gate;
}

async function openSession(c: AppContext, { username, token, access, person, gate }: Admitted): Promise<void> {
  await authOf(c.env).forgive(gate.attemptId);
  const session = await authOf(c.env).openSession({
    ...access,
    username,
    digest: digestOf(token),
    attemptId: gate.attemptId,
    admittedAt: gate.admittedAt,
    method: "sso",
    idToken: person.idToken.length <= MAX_ID_TOKEN ? person.idToken : null,
  });
  if (!session) throw new SsoError("sso_changed_meanwhile", "what this person may do was changed at the same moment");
}

/** For the log: whoever wrote the rules wants to know what came in their place. */
function groupsOf({ claims }: Person): string {
  return `claims: ${Object.keys(claims).join(", ").slice(0, 300)}`;
}

/** Never taken from the Host header: in production the settings require PUBLIC_URL. */
function redirectUri(c: AppContext): string {
  return (settingsOf(c.env).login.publicUrl ?? new URL(c.req.url).origin) + SSO_CALLBACK;
}

function refuse(c: AppContext, error: unknown, { next, name }: Seen): Response {
  const reason = reasonOf(error);
  const fields = { request_id: c.get("requestId"), reason, ...errorFields(error) };
  writeLog(c.env, reason === "sso_controller_unavailable" ? "ERROR" : "WARNING", "Single sign-on refused", fields);
  if (reason === "sso_throttled") {
    // The login throttle has noted itself. With this code, `noteDenial` notes the limit of refused credentials.
    c.set("errorCode", "rate_limited");
  } else {
    const actor = c.get("actor");
    const id = actor.kind === "user" ? actor.name : name;
    noteAccess(c, { action: "auth.login_failed", target: { type: "user", id }, code: reason });
  }
  return toLoginPage(c, { error: reason, next });
}

function reasonOf(error: unknown): SsoRefusal {
  if (error instanceof SsoError) return error.reason;
  return error instanceof ApiError && error.code === "rate_limited" ? "sso_throttled" : "sso_controller_unavailable";
}

function toLoginPage(c: AppContext, { next, ...parameters }: Record<string, string>): Response {
  const query = new URLSearchParams({ ...parameters, ...(next !== undefined && next !== "/" && { next }) }).toString();
  return c.redirect(query ? `/login?${query}` : "/login", 303);
}
