import type { Core } from "./core.ts";

/** Answers that several commands give. */
export const UNREGISTERED = { ok: false, code: "not_found", message: "No such orchestrator." } as const;

export const UNAVAILABLE = {
  ok: false,
  code: "database_unavailable",
  accepted: false,
  message: "The database is not available, and this orchestrator is not known without it. Try again.",
} as const;

export const FULL = {
  ok: false,
  code: "rate_limited",
  message: "The database is away and too much waits for it already. Send this again later.",
} as const;

export const ACCEPTED = {
  ok: false,
  code: "database_unavailable",
  accepted: true,
  message: "The change is accepted and will be finished as soon as the database answers again.",
} as const;

/** Why a frame that is not kept cannot be sent, or null: success must not be claimed for a socket that may be dead. */
export function unreachable(core: Core): { ok: false; code: "not_connected"; message: string } | null {
  if (core.listeningSocket()) return null;
  const message = core.openSocket()
    ? "This orchestrator is connected but silent: nothing has come from it for too long. Try again when it is heard."
    : "This orchestrator is not connected.";
  return { ok: false, code: "not_connected", message };
}
