import createClient from "openapi-fetch";
import { createSignal } from "solid-js";
import type { components, paths } from "./api-schema.d.ts";
import { countsAsUse } from "./attendance.ts";
import { noteServerTime } from "./controller-time.ts";
import { Failure, toFailure } from "./failure.ts";
import { retryAfterSec } from "./retry-after.ts";

type Schemas = components["schemas"];

export type Organization = Schemas["Organization"];
export type Orchestrator = Schemas["Orchestrator"];
export type OrchestratorDetail = Schemas["OrchestratorDetail"];
export type Registered = Schemas["RegisteredOrchestrator"];
export type Status = Organization["status"];
export type Health = Orchestrator["health_status"];
export type ConfigState = Orchestrator["config_state"];
export type LoginMethods = Schemas["LoginMethods"];
/** `token`: not a user's session, but a wall screen that shows what its token may read. */
export type User = Pick<Schemas["Me"]["user"], "username" | "role"> & { method: Schemas["Me"]["method"] };

/** Routes whose 401 can mean a wrong secret in the body, rather than an ended session. */
const GUESSES = new Set<string>([
  "/api/v1/internal/auth/login",
  "/api/v1/internal/auth/token-session",
  "/api/v1/internal/auth/accept-link",
  "/api/v1/internal/auth/password",
]);
const TIMEOUT_MS = 10_000;

const [isDevelopment, setDevelopment] = createSignal(false);
const [endedSessions, setEndedSessions] = createSignal(0);

/** `isDevelopment`: the mode in the controller's responses. `endedSessions` counts how often a session has ended. */
export { endedSessions, isDevelopment };

/** The user whose data the page shows. It does not change until the page is reloaded. */
let actsAs: string | null = null;
const [successor, setSuccessor] = createSignal<string | null>(null);

/** The user who has since logged in from another tab, which shares the session. */
export { successor };

export function actAs(username: string): void {
  actsAs = username;
}

export function actingUser(): string | null {
  return actsAs;
}

/** Notes that the session of this browser now belongs to another user. */
export function noteSuccessor(username: string): void {
  if (actsAs !== null && username !== actsAs) setSuccessor(username);
}

/** Notes that the session has ended, for callers that learned it other than by a 401. */
export function noteEndedSession(): void {
  setEndedSessions((n) => n + 1);
}

export const api = createClient<paths>({
  // The Worker requires this header for every write with a cookie, besides JSON and the same origin.
  headers: { "X-Requested-With": "moolai" },
  fetch: askTimed,
});

api.use({
  onRequest({ request }) {
    if (!countsAsUse()) request.headers.set("X-Moolai-Unattended", "1");
    // Headers allow ASCII only.
    if (actsAs !== null) request.headers.set("X-Moolai-User", encodeURIComponent(actsAs));
  },
  async onResponse({ response, schemaPath }) {
    setDevelopment(response.headers.get("X-Moolai-Mode") === "development");
    if (response.status === 401 && !GUESSES.has(schemaPath)) noteEndedSession();
    if (response.status === 409) noteRefusedUser(await response.clone().json());
  },
});

/** Sends a request, and reads the controller's clock from the response. */
async function askTimed(request: Request): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const sentAt = Date.now();
  const response = await fetch(request, { signal });
  const serverAt = Date.parse(response.headers.get("X-Server-Time") ?? "");
  noteServerTime({ sentAt, receivedAt: Date.now(), serverAt });
  return response;
}

function noteRefusedUser(body: unknown): void {
  const { error } = body as Partial<Schemas["Error"]>;
  if (error?.code === "session_changed") noteSuccessor(error.details[0]?.message ?? "another user");
}

/** Returns the data of a call, or throws a {@link Failure}. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw toFailure(cause);
  });
  if (data !== undefined) return data;
  const { message, error: refusal } = (error ?? {}) as Partial<Schemas["Error"]>;
  throw new Failure(
    refusal?.code ?? "internal_error",
    message ?? "The controller returned an error",
    retryAfterSec(response.headers, Date.now()),
    refusal,
  );
}
