import { UNDO_MS } from "./decisions.ts";
import type { Order } from "./queue.ts";

/** A decision that a page took and had not delivered when it was last heard of. */
export interface Leftover extends Order {
  user: string;
  /** Of the page: each keeps its own entries only. */
  page: string;
  at: number;
}

/** By then the page that took it has sent it, or is gone. Sending it twice changes nothing. */
const ABANDONED_MS = UNDO_MS + 15_000;

/** What an earlier page left in this browser; anything else that stands there is ignored. */
export function parseLeftovers(stored: string | null): Leftover[] {
  try {
    const list: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(list) ? list.filter(isLeftover) : [];
  } catch {
    return [];
  }
}

/** The list with the entries of one page replaced; those that stay keep the moment they had. */
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

/** What this person decided on a page that is no more. */
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
