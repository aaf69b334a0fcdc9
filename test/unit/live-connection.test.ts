import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../../dashboard/src/live/connection.ts";
import { modeOf } from "../../dashboard/src/live/mode.ts";
import { reconnectDelay, type ShardState } from "../../dashboard/src/live/shard.ts";
import type { Patch } from "../../dashboard/src/live/store.ts";
import type { ServerStreamFrame } from "../../worker/contract/stream.ts";

/** The controller's side of a socket that only the test moves. */
class Wire {
  readyState = 0;
  sent: string[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly shard: number;
  readonly cursor: string | null;
  constructor(shard: number, cursor: string | null) {
    this.shard = shard;
    this.cursor = cursor;
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  say(frame: ServerStreamFrame | "pong") {
    this.readyState = 1;
    this.onmessage?.({ data: frame === "pong" ? frame : JSON.stringify(frame) });
  }
  fail(code = 1006, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
  hello(change: { resumed?: boolean; shards?: number; index?: number; epoch?: string } = {}) {
    const { resumed = false, shards = 1, index = 5, epoch = "e" } = change;
    this.say({ type: "hello", epoch, index, shard: this.shard, shards, resumed });
    if (!resumed) this.say({ type: "snapshot", index, rows: [], organizations: [], more: false });
  }
  delta(from: number, to: number) {
    this.say({
      type: "delta",
      from,
      to,
      rows: [],
      removed: [],
      organizations: [],
      removed_organizations: [],
      events: [],
    });
  }
}

function setUp() {
  const wires: Wire[] = [];
  const patches: [shard: number, patch: Patch][] = [];
  const page = { isHidden: false };
  let states: readonly ShardState[] = [];
  const onSessionEnd = vi.fn();
  const connection = new Connection({
    openSocket: (shard, cursor) => {
      const wire = new Wire(shard, cursor);
      wires.push(wire);
      return wire as unknown as WebSocket;
    },
    onPatch: (shard, patch) => patches.push([shard, patch]),
    onLines: () => undefined,
    onStates: (next) => {
      states = next;
    },
    onSessionEnd,
    wanted: (shard) => ({ type: "watch", orchestrator_ids: [`on-${shard}`], logs: false }),
    isHidden: () => page.isHidden,
    random: () => 1,
  });
  const last = (shard = 0) => {
    const wire = wires.findLast((candidate) => candidate.shard === shard);
    if (!wire) throw new Error(`shard ${shard} was never connected`);
    return wire;
  };
  const state = () => modeOf(states, false);
  return { connection, wires, patches, page, last, onSessionEnd, state, mode: () => state().mode };
}

describe("the connection of the dashboard", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is live after the snapshot, says what it wants, and acknowledges every frame", () => {
    const { connection, last, mode } = setUp();
    connection.start();
    expect(mode()).toBe("connecting");
    last().hello();
    expect(mode()).toBe("live");
    last().delta(5, 8);
    expect(last().sent).toEqual([
      "ping",
      '{"type":"ack","index":5}',
      '{"type":"watch","orchestrator_ids":["on-0"],"logs":false}',
      '{"type":"ack","index":8}',
    ]);
  });

  it("opens a socket for every shard that the first hello tells of, and is live when all are", () => {
    const { connection, wires, last, mode } = setUp();
    connection.start();
    last().hello({ shards: 3 });
    expect(wires.map((wire) => wire.shard)).toEqual([0, 1, 2]);
    expect(mode()).toBe("connecting");
    last(1).hello({ shards: 3 });
    last(2).hello({ shards: 3 });
    expect(mode()).toBe("live");
  });

  it("begins anew with every shard when their number changes", () => {
    const { connection, wires, patches, last, mode } = setUp();
    connection.start();
    last().hello({ shards: 2 });
    last(1).hello({ shards: 2 });
    last(1).fail();
    vi.advanceTimersByTime(500);
    last(1).hello({ shards: 1, resumed: true });
    expect(patches.at(-1)).toEqual([
      1,
      expect.objectContaining({ retain: { rows: new Set(), organizations: new Set() } }),
    ]);
    expect(wires.at(-1)).toMatchObject({ shard: 0, cursor: null });
    last().hello({ shards: 1 });
    expect(mode()).toBe("live");
    vi.advanceTimersByTime(60_000);
    expect(wires.filter((wire) => wire.shard === 1)).toHaveLength(2);
  });

  it("polls at once when it is refused a place, says why, and tries again after a while", () => {
    const { connection, wires, last, state } = setUp();
    connection.start();
    last().fail(4430, "Your account has 100 live views open, which is the limit.");
    expect(state()).toMatchObject({
      mode: "polling",
      refusal: "Your account has 100 live views open, which is the limit.",
    });
    vi.advanceTimersByTime(59_000);
    expect(wires).toHaveLength(1);
    vi.advanceTimersByTime(1_000);
    expect(wires).toHaveLength(2);
    expect(state()).toMatchObject({ mode: "polling", refusal: expect.any(String) });
    last().hello();
    expect(state()).toMatchObject({ mode: "live", refusal: null });
    last().fail();
    expect(state()).toMatchObject({ mode: "reconnecting", refusal: null });
  });

  it("comes back from where it was", () => {
    const { connection, wires, last, mode } = setUp();
    connection.start();
    last().hello();
    last().delta(5, 9);
    last().fail();
    expect(mode()).toBe("reconnecting");
    vi.advanceTimersByTime(500);
    expect(wires.at(-1)?.cursor).toBe("e.9");
    last().hello({ resumed: true });
    expect(mode()).toBe("live");
  });

  it("asks for a snapshot after a gap, another epoch or half a snapshot", () => {
    const { connection, wires, last } = setUp();
    connection.start();
    last().hello();
    last().delta(6, 9);
    vi.advanceTimersByTime(500);
    expect(wires.at(-1)?.cursor).toBeNull();
    last().say({ type: "hello", epoch: "e", index: 5, shard: 0, shards: 1, resumed: false });
    last().say({ type: "snapshot", index: 5, rows: [], organizations: [], more: true });
    last().fail();
    vi.advanceTimersByTime(1000);
    expect(wires).toHaveLength(3);
    expect(wires.at(-1)?.cursor).toBeNull();
  });

  it("polls after two failures in a row, tries ever more slowly, and is live again at once", () => {
    const { connection, wires, last, mode } = setUp();
    connection.start();
    last().hello();
    last().fail();
    expect(mode()).toBe("reconnecting");
    vi.advanceTimersByTime(500);
    last().fail();
    expect(mode()).toBe("polling");
    vi.advanceTimersByTime(999);
    expect(wires).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(wires).toHaveLength(3);
    last().hello({ resumed: true });
    expect(mode()).toBe("live");
  });

  it("doubles the wait from half a second to thirty, with full jitter", () => {
    expect([1, 2, 3, 7, 30].map((failures) => reconnectDelay(failures, 1))).toEqual([500, 1000, 2000, 30_000, 30_000]);
    expect(reconnectDelay(5, 0)).toBe(0);
  });

  it("gives up a socket that says nothing for 15 s, and one that never says hello", () => {
    const { connection, wires, last, mode } = setUp();
    connection.start();
    last().hello();
    vi.advanceTimersByTime(14_000);
    last().say("pong");
    vi.advanceTimersByTime(1000);
    expect(mode()).toBe("live");
    expect(last().sent.filter((text) => text === "ping")).toHaveLength(2);
    vi.advanceTimersByTime(15_000);
    expect(mode()).toBe("reconnecting");
    vi.advanceTimersByTime(500);
    expect(wires).toHaveLength(2);
    vi.advanceTimersByTime(10_000);
    expect(mode()).toBe("polling");
  });

  it("tries at once when somebody looks or the network is back, and asks an open socket for a sign", () => {
    const { connection, wires, last, mode } = setUp();
    connection.start();
    last().hello();
    last().fail();
    connection.wake();
    expect(wires).toHaveLength(2);
    last().hello({ resumed: true });
    connection.wake();
    vi.advanceTimersByTime(5000);
    expect(mode()).toBe("reconnecting");
  });

  it("does not try more often than every 10 s in a hidden page", () => {
    const { connection, wires, page, last } = setUp();
    connection.start();
    last().hello();
    page.isHidden = true;
    last().fail();
    vi.advanceTimersByTime(9999);
    expect(wires).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(wires).toHaveLength(2);
  });

  it("rests while paused and goes on from its cursor", () => {
    const { connection, wires, last } = setUp();
    connection.start();
    last().hello();
    last().delta(5, 7);
    connection.stop();
    vi.advanceTimersByTime(120_000);
    expect(wires).toHaveLength(1);
    expect(wires[0]?.readyState).toBe(3);
    connection.wake();
    expect(wires).toHaveLength(1);
    connection.start();
    expect(wires.at(-1)?.cursor).toBe("e.7");
  });

  it("does not come back after its session has ended", () => {
    const { connection, wires, last, onSessionEnd } = setUp();
    connection.start();
    last().hello();
    last().fail(4401);
    expect(onSessionEnd).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(120_000);
    expect(wires).toHaveLength(1);
  });
});
