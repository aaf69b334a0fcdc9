import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  acknowledge,
  type Decision,
  type Decisions,
  decide,
  NO_DECISIONS,
  nextDueAt,
  refusals,
  settle,
  take,
  UNDO_MS,
  undo,
  undoable,
  unsent,
} from "../../dashboard/src/features/messages/decisions.ts";
import { abandoned, parseLeftovers, withUnsent } from "../../dashboard/src/features/messages/leftovers.ts";
import { createDecisionQueue, type Order, type SendResult } from "../../dashboard/src/features/messages/queue.ts";

describe("decisions that can be undone", () => {
  it("are taken when they are due, and not before", () => {
    const state = decide(NO_DECISIONS, ["a", "b"], "accepted", 1000);
    expect(nextDueAt(state)).toBe(1000 + UNDO_MS);
    expect(take(state, 999 + UNDO_MS).taken).toEqual([]);
    expect(take(state, 1000 + UNDO_MS).taken).toEqual([
      { id: "a", decision: "accepted" },
      { id: "b", decision: "accepted" },
    ]);
  });

  it("are taken back one stroke at a time, the newest first", () => {
    let state = decide(NO_DECISIONS, ["a", "b"], "accepted", 0);
    state = decide(state, ["c"], "dismissed", 10);
    expect(undoable(state)?.ids).toEqual(["c"]);
    state = undo(state, ["c"]);
    expect(undoable(state)).toEqual({ ids: ["a", "b"], decision: "accepted", dueAt: UNDO_MS });
    state = undo(state, ["a", "b"]);
    expect(undoable(state)).toBeNull();
    expect(unsent(state)).toEqual([]);
  });

  it("can be changed while they wait, and not once they are on their way", () => {
    let state = decide(NO_DECISIONS, ["a"], "accepted", 0);
    state = decide(state, ["a"], "dismissed", 10);
    const taken = take(state, 10 + UNDO_MS);
    expect(taken.taken).toEqual([{ id: "a", decision: "dismissed" }]);
    expect(decide(taken.state, ["a"], "accepted", 20)).toBe(taken.state);
    expect(undo(taken.state, ["a"])).toBe(taken.state);
  });

  it("come back with the reason when the controller refuses, and may be taken again", () => {
    let state = take(decide(NO_DECISIONS, ["a"], "accepted", 0), UNDO_MS).state;
    state = settle(state, "a", "The database is not available");
    expect(refusals(state)).toEqual([{ id: "a", decision: "accepted", reason: "The database is not available" }]);
    expect(unsent(decide(state, ["a"], "accepted", 0))).toEqual([{ id: "a", decision: "accepted" }]);
    expect(acknowledge(state, ["a"]).choices.size).toBe(0);
  });

  it("lose nothing and send nothing twice, whatever is done in whatever order", () => {
    const ids = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant("decide"), ids, decision: fc.constantFrom<Decision>("accepted", "dismissed") }),
      fc.record({ kind: fc.constant("undo"), ids }),
      fc.record({ kind: fc.constant("wait"), ms: fc.integer({ min: 0, max: 2 * UNDO_MS }) }),
      fc.record({ kind: fc.constant("answer"), id: fc.constantFrom("a", "b", "c", "d"), isRefused: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state: Decisions = NO_DECISIONS;
        let now = 0;
        /** What a person would expect: the last open decision of each message. */
        const wanted = new Map<string, { decision: Decision; at: number }>();
        const underWay = new Map<string, Decision>();
        const arrived = new Set<string>();
        for (const each of steps) {
          if (each.kind === "decide") {
            const { ids, decision } = each as { ids: string[]; decision: Decision };
            for (const id of ids) if (!underWay.has(id) && !arrived.has(id)) wanted.set(id, { decision, at: now });
            state = decide(state, ids, decision, now);
          } else if (each.kind === "undo") {
            const { ids } = each as { ids: string[] };
            for (const id of ids) wanted.delete(id);
            state = undo(state, ids);
          } else if (each.kind === "wait") {
            now += (each as { ms: number }).ms;
            const result = take(state, now);
            state = result.state;
            const due = [...wanted].filter(([, { at }]) => at + UNDO_MS <= now);
            const sorted = (list: [string, Decision][]) => list.sort(([one], [other]) => one.localeCompare(other));
            expect(sorted(result.taken.map(({ id, decision }) => [id, decision]))).toEqual(
              sorted(due.map(([id, { decision }]) => [id, decision])),
            );
            for (const [id, { decision }] of due) {
              wanted.delete(id);
              underWay.set(id, decision);
            }
          } else {
            const { id, isRefused } = each as { id: string; isRefused: boolean };
            state = settle(state, id, isRefused ? "no" : null);
            if (underWay.delete(id) && !isRefused) arrived.add(id);
          }
          expect(new Map(unsent(state).map(({ id, decision }) => [id, decision]))).toEqual(
            new Map([...underWay, ...[...wanted].map(([id, { decision }]): [string, Decision] => [id, decision])]),
          );
        }
      }),
    );
  });
});

describe("the queue that sends them", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function setUp(answer: (order: Order, isLast: boolean) => Promise<SendResult> = async () => ({ ok: true })) {
    const sent: (Order & { isLast: boolean })[] = [];
    let kept: Order[] = [];
    const queue = createDecisionQueue({
      send: async (order, isLast) => {
        sent.push({ ...order, isLast });
        return await answer(order, isLast);
      },
      onUnsent: (unsent) => {
        kept = unsent;
      },
      now: Date.now,
    });
    return { queue, sent, kept: () => kept };
  }

  it("waits for the time of an undo, and then no longer", async () => {
    const { queue, sent, kept } = setUp();
    queue.decide(["a"], "accepted");
    await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
    expect(sent).toEqual([]);
    expect(kept()).toEqual([{ id: "a", decision: "accepted" }]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([{ id: "a", decision: "accepted", isLast: false }]);
    expect(kept()).toEqual([]);
    expect(queue.state().choices.get("a")?.phase).toBe("sent");
  });

  it("sends nothing that was undone", async () => {
    const { queue, sent, kept } = setUp();
    queue.decide(["a"], "accepted");
    queue.undo(["a"]);
    await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
    expect(sent).toEqual([]);
    expect(kept()).toEqual([]);
  });

  it("sends a long list a few at a time, and all of it at once when the page goes", async () => {
    let underWay = 0;
    let most = 0;
    const slow = async (): Promise<SendResult> => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 100));
      underWay -= 1;
      return { ok: true };
    };
    const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
    const patient = setUp(slow);
    patient.queue.decide(ids, "dismissed");
    await vi.advanceTimersByTimeAsync(UNDO_MS + 2000);
    expect(patient.sent.map(({ id }) => id)).toEqual(ids);
    expect(most).toBe(4);

    const leaving = setUp(slow);
    leaving.queue.decide(ids, "dismissed");
    void leaving.queue.flush(true);
    expect(leaving.sent.map(({ id, isLast }) => [id, isLast])).toEqual(ids.map((id) => [id, true]));
  });

  it("keeps what could not be sent while the page went, and tries again when it comes back", async () => {
    let isGoing = true;
    const { queue, sent, kept } = setUp(async () =>
      isGoing ? { ok: false, reason: "The controller is not responding", isKept: true } : { ok: true },
    );
    queue.decide(["a"], "accepted");
    await queue.flush(true);
    expect(kept()).toEqual([{ id: "a", decision: "accepted" }]);
    isGoing = false;
    await vi.advanceTimersByTimeAsync(10);
    expect(sent).toHaveLength(2);
    expect(queue.state().choices.get("a")?.phase).toBe("sent");
  });

  it("keeps what nobody could be told about until it is flushed", async () => {
    let hasSession = false;
    const { queue, sent, kept } = setUp(async () =>
      hasSession ? { ok: true } : { ok: false, reason: "The session has ended", isKept: true },
    );
    queue.decide(["a"], "accepted");
    await vi.advanceTimersByTimeAsync(100 * UNDO_MS);
    expect(sent).toHaveLength(1);
    expect(kept()).toEqual([{ id: "a", decision: "accepted" }]);
    hasSession = true;
    await queue.flush(false);
    expect(sent).toHaveLength(2);
    expect(kept()).toEqual([]);
  });

  it("forgets one person's decisions before the next one's", async () => {
    const { queue, sent } = setUp();
    queue.decide(["a"], "accepted");
    queue.reset();
    await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
    expect(sent).toEqual([]);
    expect(queue.state().choices.size).toBe(0);
  });

  it("says why when the controller did not take it", async () => {
    const { queue, kept } = setUp(async () => ({ ok: false, reason: "It is already dismissed", isKept: false }));
    queue.decide(["a"], "accepted");
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(refusals(queue.state())).toEqual([{ id: "a", decision: "accepted", reason: "It is already dismissed" }]);
    expect(kept()).toEqual([]);
  });
});

describe("decisions that outlive their page", () => {
  const order: Order = { id: "a", decision: "accepted" };

  it("are sent by the next page of the same person, once the first one must be done", () => {
    const list = withUnsent([], { page: "p1", user: "ada", unsent: [order], now: 0 });
    const kept = parseLeftovers(JSON.stringify(list));
    expect(abandoned(kept, "ada", "p2", UNDO_MS)).toEqual([]);
    expect(abandoned(kept, "ada", "p2", 60_000)).toEqual([{ ...order, user: "ada", page: "p1", at: 0 }]);
    expect(abandoned(kept, "bob", "p2", 60_000)).toEqual([]);
    expect(abandoned(kept, "ada", "p1", 60_000)).toEqual([]);
  });

  it("leave those of other pages alone and keep their own moment", () => {
    const first = withUnsent([], { page: "p1", user: "ada", unsent: [order], now: 0 });
    const second = withUnsent(first, { page: "p2", user: "ada", unsent: [{ id: "b", decision: "dismissed" }], now: 5 });
    const third = withUnsent(second, { page: "p1", user: "ada", unsent: [order, { ...order, id: "c" }], now: 9 });
    expect(third.map(({ id, at }) => [id, at])).toEqual([
      ["b", 5],
      ["a", 0],
      ["c", 9],
    ]);
    expect(withUnsent(third, { page: "p1", user: "ada", unsent: [], now: 10 }).map(({ id }) => id)).toEqual(["b"]);
  });

  it.each([null, "", "{", "null", "7", '[null, 1, {"id":"a"}]'])("ignore what is damaged: %s", (stored) => {
    expect(parseLeftovers(stored)).toEqual([]);
  });
});
