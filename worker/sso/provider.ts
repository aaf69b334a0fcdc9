import * as oauth from "oauth4webapi";
import type { Millis } from "../contract/presence.ts";
import type { SsoRefusal } from "../contract/sso.ts";
import { BUILD } from "../platform/settings.ts";
import type { Attempt } from "./attempt.ts";
import { type Claims, lacksClaims } from "./rules.ts";
import type { SsoSettings } from "./settings.ts";

const TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 512 * 1024;
/** Clocks differ a little. */
const CLOCK_TOLERANCE_SEC = 60;
/** A person who is sent to the provider should find it there, but a flood of clicks must not reach it. */
const FRESH_MS = 10_000;
/** How long the metadata of the provider are cached. */
const KNOWN_MS = 3_600_000;

/** Ends the login. `message` is for the log and may contain texts of the provider. */
export class SsoError extends Error {
  override name = "SsoError";
  readonly reason: SsoRefusal;

  constructor(reason: SsoRefusal, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

interface Known {
  at: Millis;
  server: oauth.AuthorizationServer | null;
  failure: SsoError | null;
  keys: oauth.JWKSCacheInput;
}

/** One provider for each isolate; a map, because tests have more. */
const known = new Map<string, Known>();

/** Where to send the browser. */
export async function authorizationUrl(
  sso: SsoSettings,
  redirectUri: string,
  { state, nonce, verifier }: Attempt,
  now: Millis,
): Promise<string> {
  const server = await discover(sso, now, FRESH_MS);
  const url = browserUrl(server.authorization_endpoint);
  if (!url) throw new SsoError("sso_provider_refused", "no usable authorization_endpoint");
  const parameters = {
    client_id: sso.clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: sso.scopes,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

export interface Person {
  /** The issuer. With the subject, it is the only thing that identifies a person. */
  issuer: string;
  subject: string;
  claims: Claims;
  /** For logging out at the provider. */
  idToken: string;
}

/**
 * The error that an answer has in place of a code; null: it has a code. Anybody can write one, so it proves only that
 * there is nothing to log in with.
 */
export function refusalIn(answer: URLSearchParams): SsoError | null {
  const error = answer.get("error");
  if (!error) return null;
  const said = [error, answer.get("error_description")].filter(Boolean).join(": ").slice(0, 500);
  return new SsoError(isPassing(error) ? "sso_provider_unavailable" : "sso_provider_refused", said);
}

/** Exchanges the code, checks the ID token and its signature, and returns the person. Throws an {@link SsoError}. */
export async function personOf(
  sso: SsoSettings,
  redirectUri: string,
  attempt: Attempt,
  answer: URLSearchParams,
  now: Millis,
): Promise<Person> {
  const server = await discover(sso, now, KNOWN_MS);
  try {
    return await exchange(sso, server, redirectUri, attempt, answer);
  } catch (error) {
    throw toSsoError(error);
  }
}

async function exchange(
  sso: SsoSettings,
  server: oauth.AuthorizationServer,
  redirectUri: string,
  { state, nonce, verifier }: Attempt,
  answer: URLSearchParams,
): Promise<Person> {
  const client: oauth.Client = { client_id: sso.clientId, [oauth.clockTolerance]: CLOCK_TOLERANCE_SEC };
  const parameters = oauth.validateAuthResponse(server, client, answer, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    clientAuthentication(sso, server),
    parameters,
    redirectUri,
    verifier,
    REQUEST,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  if (!claims || tokens.id_token === undefined) throw new SsoError("sso_token_invalid", "no ID token");
  const keys = known.get(sso.issuer)?.keys ?? {};
  await oauth.validateApplicationLevelSignature(server, response, { ...REQUEST, [oauth.jwksCache]: keys });
  const more: Claims =
    server.userinfo_endpoint !== undefined && lacksClaims(claims, sso.rules)
      ? await userInfo(server, client, tokens.access_token, claims.sub)
      : {};
  return { issuer: claims.iss, subject: claims.sub, claims: { ...more, ...claims }, idToken: tokens.id_token };
}

async function userInfo(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  accessToken: string,
  subject: string,
): Promise<Claims> {
  const response = await oauth.userInfoRequest(server, client, accessToken, REQUEST);
  return await oauth.processUserInfoResponse(server, client, subject, response);
}

function clientAuthentication(sso: SsoSettings, server: oauth.AuthorizationServer): oauth.ClientAuth {
  if (sso.clientSecret === null) return oauth.None();
  const methods = server.token_endpoint_auth_methods_supported;
  const wantsPost = methods?.includes("client_secret_post") && !methods.includes("client_secret_basic");
  return wantsPost ? oauth.ClientSecretPost(sso.clientSecret) : oauth.ClientSecretBasic(sso.clientSecret);
}

/** The address at which the browser logs out at the provider; null: there is none, or the provider does not answer. */
export async function endSessionUrl(
  sso: SsoSettings,
  idToken: string | null,
  returnTo: string,
  now: Millis,
): Promise<string | null> {
  const server = await discover(sso, now, KNOWN_MS).catch(() => null);
  const url = browserUrl(server?.end_session_endpoint);
  if (!url) return null;
  if (idToken !== null) url.searchParams.set("id_token_hint", idToken);
  url.searchParams.set("client_id", sso.clientId);
  url.searchParams.set("post_logout_redirect_uri", returnTo);
  return url.href;
}

/** An address of the provider that a browser may be sent to. */
function browserUrl(text: string | undefined): URL | null {
  if (text === undefined || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" || (BUILD === "development" && url.protocol === "http:") ? url : null;
}

async function discover(sso: SsoSettings, now: Millis, maxAgeMs: number): Promise<oauth.AuthorizationServer> {
  const before = known.get(sso.issuer);
  if (before?.server && now - before.at < maxAgeMs) return before.server;
  // A caller right after a failure gets it at once, instead of waiting for the next timeout.
  if (before?.failure && now - before.at < FRESH_MS / 2) throw before.failure;
  const keys = before?.keys ?? {};
  try {
    const issuer = new URL(sso.issuer);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, REQUEST));
    known.set(sso.issuer, { at: now, server, failure: null, keys });
    return server;
  } catch (error) {
    const failure = toSsoError(error);
    known.set(sso.issuer, { at: now, server: null, failure, keys });
    throw failure;
  }
}

function toSsoError(error: unknown): SsoError {
  if (error instanceof SsoError) return error;
  return new SsoError(reasonOf(error), describe(error), error);
}

const TOKEN_PROBLEMS = new Set<unknown>([oauth.JWT_CLAIM_COMPARISON, oauth.KEY_SELECTION, oauth.INVALID_RESPONSE]);

function reasonOf(error: unknown): SsoRefusal {
  if (error instanceof oauth.ResponseBodyError) {
    if (error.error === "invalid_grant") return "sso_code_refused";
    return error.status >= 500 || isPassing(error.error) ? "sso_provider_unavailable" : "sso_provider_refused";
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) return "sso_provider_refused";
  if (error instanceof oauth.OperationProcessingError) {
    if (error.code === oauth.JWT_TIMESTAMP_CHECK) return "sso_token_expired";
    if (TOKEN_PROBLEMS.has(error.code)) return "sso_token_invalid";
    // A proxy on the way answered with a page.
    if (error.code === oauth.PARSE_ERROR || error.code === oauth.RESPONSE_IS_NOT_JSON)
      return "sso_provider_unavailable";
    const status = error.cause instanceof Response ? error.cause.status : 200;
    return status >= 500 || status === 429 ? "sso_provider_unavailable" : "sso_provider_refused";
  }
  // The library does not verify this algorithm, such as a shared secret or none at all.
  if (error instanceof oauth.UnsupportedOperationError) return "sso_token_invalid";
  return "sso_provider_unavailable";
}

/** The errors of a provider that pass by themselves. */
function isPassing(code: string): boolean {
  return code === "server_error" || code === "temporarily_unavailable";
}

function describe(error: unknown): string {
  if (error instanceof oauth.ResponseBodyError) {
    return [error.error, error.error_description].filter(Boolean).join(": ").slice(0, 500);
  }
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : "unknown";
}

/** One call of the provider, with a deadline and a size limit, never cached on the way. */
async function fetchBounded(url: string, init: oauth.CustomFetchOptions<string, BodyInit | null | undefined>) {
  const response = await fetch(url, { ...init, body: init.body ?? null, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) throw new SsoError("sso_provider_unavailable", `more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(status === 204 || status === 304 ? null : await new Blob(chunks).bytes(), { status, headers });
}

const REQUEST = {
  [oauth.customFetch]: fetchBounded,
  // The settings allow plain HTTP only for a provider on this machine, and only in development.
  [oauth.allowInsecureRequests]: BUILD === "development",
};
