/** Answers that several commands give. */
export const UNREGISTERED = { ok: false, code: "not_found", message: "No such orchestrator." } as const;

export const UNAVAILABLE = {
  ok: false,
  code: "database_unavailable",
  message: "The database is not available, and this orchestrator is not known without it. Try again.",
} as const;

/** `rate_limited`, because `database_unavailable` of a change means that it is accepted. */
export const FULL = {
  ok: false,
  code: "rate_limited",
  message: "The database is away and too much waits for it already. Send this again later.",
} as const;

export const ACCEPTED = {
  ok: false,
  code: "database_unavailable",
  message: "The change is accepted and will be finished as soon as the database answers again.",
} as const;
