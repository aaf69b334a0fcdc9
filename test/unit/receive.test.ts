import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_STRIKES } from "../../worker/contract/values/limits.ts";
import { viewOf } from "../../worker/orchestrator/presence.ts";
import { newSocket, type OrchestratorRecord, type SocketState } from "../../worker/orchestrator/state.ts";
import { NO_CONTEST } from "../../worker/orchestrator/takeover.ts";
import type { Effect } from "../../worker/orchestrator/turn.ts";
import { clockAt as at, type Incoming, receive, type Step } from "../support/turns.ts";

const START = 1_800_000_000_000;

function handshake(id = "org-002", metadata: object = { hostname: "a", ip: "10.0.0.1" }): string {
  return JSON.stringify({ type: "handshake", data: { orchestrator_id: id, metadata } });
}

function incoming(
  record: OrchestratorRecord | null,
  socket: SocketState,
  previous: SocketState | null = null,
): Incoming {
  return { record, socket, previous, ownId: "org-002" };
}

function connected(now = START, metadata?: object): Step & { record: OrchestratorRecord } {
  const step = receive(incoming(null, newSocket("s1", now)), handshake("org-002", metadata), at(now));
  if (!step.record) throw new Error("the handshake was refused");
  return { ...step, record: step.record };
}

const sent = (step: Step) => step.effects.flatMap((effect) => (effect.kind === "send" ? [effect.frame] : []));
const closes = ({ socket, effects }: Step) =>
  effects.flatMap((effect) => (effect.kind === "close" && effect.to === socket.id ? [effect] : []));
const kinds = (effects: Effect[]) => effects.map((effect) => effect.kind);

describe("handshake", () => {
  it("answers with handshake_ack first, then provisioning that repeats the id", () => {
    const frames = sent(connected());
    expect(frames.map((frame) => frame.type)).toEqual(["handshake_ack", "provisioning", "provision_config"]);
    expect(frames[0]).toMatchObject({
      success: true,
      orch_id: "org-002",
      orchestrator_id: "org-002",
      session: { epoch: 1 },
    });
    expect(frames[1]).toMatchObject({ data: { orchestrator_id: "org-002", features: {} } });
  });

  it("speaks the second dialect to whoever opens with register", () => {
    const raw = JSON.stringify({ type: "register", orchestrator_id: "org-002", metadata: {} });
    const step = receive(incoming(null, newSocket("s1", START)), raw, at(START));
    expect(sent(step).map((frame) => frame.type)).toEqual(["handshake_ack", "provisioning"]);
    expect(sent(step)[1]).toMatchObject({ config: { features: {}, settings: {}, policies: {} } });
  });

  it("raises the epoch and replaces the session of the socket before", () => {
    const first = connected();
    const step = receive(
      incoming(first.record, newSocket("s2", START + 60_000), first.socket),
      handshake(),
      at(START + 60_000),
    );
    expect(step.record?.epoch).toBe(2);
    expect(step.effects).toContainEqual({ kind: "close", to: "s1", code: 4409, reason: "replaced" });
  });

  it("refuses the older of two live machines, and says once that there are two", () => {
    let { record, socket } = connected();
    let contest = NO_CONTEST;
    const closings: unknown[] = [];
    const duels: number[] = [];
    for (let turn = 1; turn <= 20; turn++) {
      const now = START + turn * 3_000;
      const metadata = { hostname: turn === 1 ? "b" : "a", ip: "10.0.0.1" };
      const step = receive(
        { ...incoming(record, newSocket(`t${turn}`, now), socket), contest },
        handshake("org-002", metadata),
        at(now),
      );
      closings.push(closes(step).length > 0);
      contest = step.contest;
      for (const effect of step.effects) {
        if (effect.kind === "activity" && effect.type === "duplicate_identity") duels.push(turn);
      }
      if (step.socket.phase === "open") socket = step.socket;
      if (step.record) record = step.record;
      socket = { ...socket, lastFrameAt: now };
    }
    expect(closings).toEqual([false, ...Array(19).fill(true)]);
    expect(duels).toEqual([15]);
  });

  it("never counts a reconnect of the same machine as a take-over", () => {
    let { record, socket } = connected();
    for (let turn = 1; turn <= 8; turn++) {
      const now = START + turn * 3_000;
      const step = receive(incoming(record, newSocket(`t${turn}`, now), socket), handshake(), at(now));
      expect(step.socket.phase).toBe("open");
      socket = step.socket;
      if (step.record) record = step.record;
    }
  });

  it("refuses the id of another, and a deregistered one", () => {
    const other = receive(incoming(null, newSocket("s1", START)), handshake("org-003"), at(START));
    expect(closes(other)).toEqual([{ kind: "close", to: "s1", code: 4403, reason: "id_conflict" }]);
    const record: OrchestratorRecord = { ...connected().record, lifecycle: "deregistered" };
    const dead = receive(incoming(record, newSocket("s2", START)), handshake(), at(START));
    expect(closes(dead)).toEqual([{ kind: "close", to: "s2", code: 4404, reason: "deregistered" }]);
    expect(dead.record).toBe(record);
  });

  it("keeps last_seen frozen while independent", () => {
    const record: OrchestratorRecord = { ...connected().record, isIndependent: true, lastSeenAt: START };
    const step = receive(incoming(record, newSocket("s2", START + 9_000)), handshake(), at(START + 9_000));
    expect(step.record?.lastSeenAt).toBe(START);
    expect(step.socket.lastSeenAt).toBe(START);
  });
});

describe("heartbeat", () => {
  const BEAT = '{"type":"i_am_alive"}';

  it("changes no record and reports nothing within the interval", () => {
    const open = connected();
    let { socket } = receive(incoming(open.record, open.socket), BEAT, at(START));
    for (let beat = 1; beat < 11; beat++) {
      const step = receive(incoming(open.record, socket), BEAT, at(START + beat * 10_000));
      expect(step.record).toBe(open.record);
      expect(kinds(step.effects)).toEqual(["send", "trace"]);
      socket = step.socket;
    }
    const due = receive(incoming(open.record, socket), BEAT, at(START + 110_000));
    expect(due.effects).toContainEqual({ kind: "report", transition: null });
    expect(due.record).toBe(open.record);
  });

  it("reports the first beat of a session at once", () => {
    const open = connected();
    const step = receive(incoming(open.record, open.socket), BEAT, at(START + 5));
    expect(step.effects).toContainEqual({ kind: "report", transition: "first_beat" });
  });

  it("is answered but moves nothing while independent", () => {
    const open = connected();
    const record = { ...open.record, isIndependent: true };
    const step = receive(incoming(record, open.socket), BEAT, at(START + 5_000));
    expect(sent(step)[0]).toMatchObject({ type: "keepalive_ack", independent: true });
    expect(step.socket.lastSeenAt).toBe(START);
    expect(step.socket.unreported).toEqual({ processed: 0, ignored: 1 });
  });

  it("tells a change of health at once and stores it", () => {
    const open = connected();
    const first = receive(incoming(open.record, open.socket), BEAT, at(START + 5));
    const raw = JSON.stringify({ type: "i_am_alive", health_status: "degraded" });
    const step = receive(incoming(open.record, first.socket), raw, at(START + 10));
    expect(step.record?.healthStatus).toBe("degraded");
    expect(step.effects).toContainEqual({ kind: "report", transition: "health" });
  });

  it("keeps seq rising above what the record and the socket have", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), (recordSeq, socketSeq) => {
        const open = connected();
        const record = { ...open.record, seq: recordSeq };
        const step = receive(incoming(record, { ...open.socket, seq: socketSeq }), BEAT, at(START + 5));
        expect(viewOf(record, step.socket, START, 1).seq).toBeGreaterThan(Math.max(recordSeq, socketSeq));
      }),
    );
  });

  it("fits its attachment into the platform's 16,384 bytes after days of beats with metrics", () => {
    const open = connected();
    let { socket } = open;
    const metrics = { cpu: "x".repeat(3_900) };
    for (let beat = 0; beat < 2_000; beat++) {
      const raw = JSON.stringify({ type: "i_am_alive", metrics });
      socket = receive(incoming(open.record, socket), raw, at(START + beat * 7_000)).socket;
    }
    expect(socket.beats.minutes).toHaveLength(60);
    expect(socket.beats.recent).toHaveLength(20);
    // JSON is no smaller than the structured clone of these plain objects by more than its number encoding.
    expect(JSON.stringify(socket).length).toBeLessThan(12_000);
  });
});

describe("bad frames", () => {
  it("forgives five strikes in a minute and closes on the sixth", () => {
    const open = connected();
    let { socket } = open;
    for (let strike = 1; strike <= MAX_STRIKES + 1; strike++) {
      const step = receive(incoming(open.record, socket), "{nope", at(START + strike * 1_000));
      expect(closes(step)).toEqual(
        strike > MAX_STRIKES ? [{ kind: "close", to: "s1", code: 4400, reason: "invalid_json" }] : [],
      );
      socket = step.socket;
    }
  });

  it("forgets strikes after a minute", () => {
    const open = connected();
    let { socket } = open;
    for (let strike = 1; strike <= 50; strike++) {
      const step = receive(incoming(open.record, socket), "[]", at(START + strike * 12_001));
      expect(closes(step)).toEqual([]);
      socket = step.socket;
    }
  });

  it("does not count an unknown type after the handshake", () => {
    const open = connected();
    let { socket } = open;
    for (let turn = 0; turn < 20; turn++) {
      const step = receive(incoming(open.record, socket), '{"type":"o_dear"}', at(START + turn * 1_000));
      expect(sent(step)[0]).toMatchObject({
        type: "error",
        data: { code: "unknown_type", ref: "o_dear", fatal: false },
      });
      socket = step.socket;
    }
    expect(socket.phase).toBe("open");
  });

  it("never throws and never opens a session, whatever comes before a handshake", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.constantFrom("null", "42", '{"type":"handshake","data":{"orchestrator_id":[]}}'),
        ),
        (raw) => {
          const step = receive(incoming(null, newSocket("s1", START)), raw, at(START));
          expect(step.record).toBeNull();
          expect(sent(step)[0]).toMatchObject({ type: "error" });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("refuses binary frames with 1003 and large ones with 1009", () => {
    const open = connected();
    const binary = receive(incoming(open.record, open.socket), new ArrayBuffer(2), at(START));
    expect(closes(binary)).toEqual([{ kind: "close", to: "s1", code: 1003, reason: "binary_frame" }]);
    const large = receive(incoming(open.record, open.socket), "é".repeat(40_000), at(START));
    expect(closes(large)).toEqual([{ kind: "close", to: "s1", code: 1009, reason: "frame_too_large" }]);
  });
});
