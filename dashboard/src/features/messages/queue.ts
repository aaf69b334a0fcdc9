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

/** The maximum number of parallel requests; a closing page sends all at once. */
const AT_A_TIME = 4;

export interface Order {
  id: string;
  decision: Decision;
}

/** `reason`: why the decision was not stored. `isKept`: it could not be sent now, so it stays decided and is sent later. */
export type SendResult = { ok: true } | { ok: false; reason: string; isKept: boolean };

export interface QueueOptions {
  /** `isLast`: the page is closing, and the request must outlive it. */
  send: (order: Order, isLast: boolean) => Promise<SendResult>;
  /** Receives the unsent decisions whenever they change, to store them beyond the life of the page. */
  onUnsent: (unsent: Order[]) => void;
  now: () => number;
}

/** Delays decisions for the time of an undo, then sends them. The only place with a timer. */
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
    // Timers may fire slightly early by this clock.
    if (dueAt !== null) timer = setTimeout(() => release(Math.max(dueAt, now()), false), Math.max(0, dueAt - now()));
  };

  const deliver = async (order: Order, isLast: boolean) => {
    const result = await send(order, isLast);
    if (!result.ok && result.isKept) {
      // A page that survives retries by itself; otherwise `flush` does.
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
    /** Sends all waiting decisions at once; `isLast` when the page or session ends. Resolves after all responses. */
    flush: async (isLast: boolean) => {
      release(Number.POSITIVE_INFINITY, isLast);
      while (underWay.size > 0) await Promise.all(underWay);
    },
    /** For another user on the same page. */
    reset: () => {
      line.length = 0;
      apply({ ...NO_DECISIONS });
    },
  };
}
