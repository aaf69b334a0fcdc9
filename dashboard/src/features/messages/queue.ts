import { createSignal } from "solid-js";
import {
  acknowledge,
  type Decision,
  type Decisions,
  decide,
  NO_DECISIONS,
  nextDueAt,
  postpone,
  settle,
  take,
  undo,
  unsent,
} from "./decisions.ts";

/** So many requests are under way at a time; a page that goes sends all at once. */
const AT_A_TIME = 4;

export interface Order {
  id: string;
  decision: Decision;
}

/** `reason`: why the controller does not have the decision. `isKept`: nobody can be told now, so it stays decided. */
export type SendResult = { ok: true } | { ok: false; reason: string; isKept: boolean };

export interface QueueOptions {
  /** `isLast`: the page goes, and the request has to outlive it. */
  send: (order: Order, isLast: boolean) => Promise<SendResult>;
  /** What the controller does not have yet, whenever that changes, so that it can outlive the page. */
  onUnsent: (unsent: Order[]) => void;
  now: () => number;
}

/** Holds decisions back for the time of an undo, then sends them. The one place with a timer. */
export function createDecisionQueue({ send, onUnsent, now }: QueueOptions) {
  const [state, setState] = createSignal<Decisions>(NO_DECISIONS);
  const line: Order[] = [];
  const underWay = new Set<Promise<void>>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const apply = (next: Decisions) => {
    if (next === state()) return;
    setState(next);
    onUnsent(unsent(next));
    clearTimeout(timer);
    const dueAt = nextDueAt(next);
    // Timers may come a little early by this clock.
    if (dueAt !== null) timer = setTimeout(() => release(Math.max(dueAt, now()), false), Math.max(0, dueAt - now()));
  };

  const deliver = async (order: Order, isLast: boolean) => {
    const result = await send(order, isLast);
    if (!result.ok && result.isKept) {
      // A page that comes back after all tries again by itself, else `flush` does.
      apply(postpone(state(), order.id, isLast ? now() : Number.POSITIVE_INFINITY));
    } else apply(settle(state(), order.id, result.ok ? null : result.reason));
  };

  const advance = (isLast: boolean) => {
    while (isLast || underWay.size < AT_A_TIME) {
      const next = line.shift();
      if (!next) return;
      const delivery = deliver(next, isLast).finally(() => {
        underWay.delete(delivery);
        advance(false);
      });
      underWay.add(delivery);
    }
  };

  const release = (until: number, isLast: boolean) => {
    const { state: next, taken } = take(state(), until);
    line.push(...taken);
    apply(next);
    advance(isLast);
  };

  return {
    state,
    decide: (ids: readonly string[], decision: Decision) => apply(decide(state(), ids, decision, now())),
    undo: (ids: readonly string[]) => apply(undo(state(), ids)),
    acknowledge: (ids: readonly string[]) => apply(acknowledge(state(), ids)),
    /** Sends at once what waits; `isLast` when page or session end. Settles when all answers are there. */
    flush: async (isLast: boolean) => {
      release(Number.POSITIVE_INFINITY, isLast);
      while (underWay.size > 0) await Promise.all(underWay);
    },
    /** For another person at the same page. */
    reset: () => {
      line.length = 0;
      apply({ ...NO_DECISIONS });
    },
  };
}
