import { UNDO_MS } from "./decisions.ts";
import type { Order } from "./queue.ts";

/** A decision that an earlier page had not sent when it last stored its state. */
export interface Leftover extends Order {
  user: string;
  /** Identifies the page; each page updates only its own entries. */
  page: string;
  at: number;
}

/** After this time the page has sent the decision or was closed. Sending it twice is harmless. */
const ABANDONED_MS = UNDO_MS + 15_000;

/** Parses what earlier pages left in this browser; invalid entries are ignored. */
export function parseLeftovers(stored: string | null): Leftover[] {
  try {
    const list: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(list) ? list.filter(isLeftover) : [];
  } catch {
    return [];
  }
}

/** Replaces the entries of one page; unchanged entries keep their time. */
export function withUnsent(
  list: readonly Leftover[],
  { page, user, unsent, now }: { page: string; user: string; unsent: readonly Order[]; now: number },
): Leftover[] {
  const others = list.filter((entry) => entry.page !== page);
  const own = unsent.map(({ id, decision }): Leftover => {
    const known = list.find((entry) => entry.page === page && entry.id === id && entry.decision === decision);
    return known ?? { id, decision, user, page, at: now };
  });
  return [...others, ...own];
}

/** The decisions of this user on pages that were closed. */
export function abandoned(list: readonly Leftover[], user: string, page: string, now: number): Leftover[] {
  return list.filter((entry) => entry.user === user && entry.page !== page && now - entry.at > ABANDONED_MS);
}

function isLeftover(value: unknown): value is Leftover {
  const entry = value as Partial<Leftover> | null;
  return (
    typeof entry?.id === "string" &&
    (entry.decision === "accepted" || entry.decision === "dismissed") &&
    typeof entry.user === "string" &&
    typeof entry.page === "string" &&
    typeof entry.at === "number"
  );
}
