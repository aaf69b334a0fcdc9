/** Answers that several commands give. */
export const UNREGISTERED = { ok: false, code: "not_found", message: "No such orchestrator." } as const;

export const UNAVAILABLE = {
  ok: false,
  code: "database_unavailable",
  message: "The database is not available, and this orchestrator is not known without it. Try again.",
} as const;

export const ACCEPTED = {
  ok: false,
  code: "database_unavailable",
  message: "The change is accepted and will be finished as soon as the database answers again.",
} as const;
