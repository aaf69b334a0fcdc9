import { createRoot } from "solid-js";
import { controllerNow } from "../../lib/controller-time.ts";
import { recall, remember } from "../../lib/storage.ts";
import { beforeLogOut, user } from "../session/session.ts";
import { sendDecision } from "./api.ts";
import { abandoned, type Leftover, parseLeftovers, withUnsent } from "./leftovers.ts";
import { createDecisionQueue, type Order } from "./queue.ts";

const KEY = "decisions";

let page = newPage();
let owner: string | null = null;

function newPage(): string {
  return Math.random().toString(36).slice(2);
}

function keep(unsent: readonly Order[]): void {
  if (owner === null) return;
  write(withUnsent(parseLeftovers(recall(KEY)), { page, user: owner, unsent, now: controllerNow() }));
}

function write(list: readonly Leftover[]): void {
  remember(KEY, list.length > 0 ? JSON.stringify(list) : null);
}

/** The decisions of this page, from all queues. */
export const decisions = createRoot(() => createDecisionQueue({ send: sendDecision, onUnsent: keep, now: Date.now }));

window.addEventListener("pagehide", () => void decisions.flush(true));
beforeLogOut(() => decisions.flush(true));

/** Call before a queue is used: resets the decisions of another user, and sends those that were waiting for a session. */
export function resumeDecisions(): void {
  const name = user()?.username ?? null;
  if (name !== owner) {
    page = newPage();
    decisions.reset();
    owner = name;
  }
  void decisions.flush(false);
}

/**
 * Sends the decisions of this user from pages that were closed too early, and returns the rejected ones. Decisions that
 * cannot be sent now are kept for the next time.
 */
export async function sendLeftovers(): Promise<{ order: Order; reason: string }[]> {
  const name = user()?.username;
  if (!name) return [];
  const refused: { order: Order; reason: string }[] = [];
  for (const order of abandoned(parseLeftovers(recall(KEY)), name, page, controllerNow())) {
    const result = await sendDecision(order, true);
    if (!result.ok && result.isKept) break;
    write(parseLeftovers(recall(KEY)).filter(({ id, page: of }) => id !== order.id || of !== order.page));
    if (!result.ok) refused.push({ order, reason: result.reason });
  }
  return refused;
}
