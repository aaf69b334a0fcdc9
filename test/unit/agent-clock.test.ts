import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endSession } from "../../worker/orchestrator/presence.ts";
import { newSocket, type OrchestratorRecord, type SocketState } from "../../worker/orchestrator/state.ts";
import { clockAt as at, receive, type Step } from "../support/turns.ts";

const ID = "o-1";
const START = Date.parse("2026-11-29T15:00:00Z");
const MINUTE_MS = 60_000;

const hear = (record: OrchestratorRecord | null, socket: SocketState, frame: object, now: number) =>
  receive({ record, socket, previous: null, ownId: ID }, JSON.stringify(frame), at(now));

/** What a session says, frame by frame, ten seconds apart, from its handshake on. */
function session(frames: object[], handshake: object = {}) {
  const hello = { type: "handshake", ...handshake, data: { orchestrator_id: ID } };
  const steps = [hear(null, newSocket("s1", START), hello, START)];
  for (const frame of frames) {
    const last = steps.at(-1);
    if (!last) break;
    steps.push(hear(last.record, last.socket, frame, START + steps.length * 10_000));
  }
  const last = steps.at(-1) as Step;
  return { steps, record: last.record as OrchestratorRecord, socket: last.socket };
}

const told = (steps: Step[]) =>
  steps.flatMap(({ effects }) =>
    effects.flatMap((effect) =>
      effect.kind === "log" && effect.message.startsWith("The clock") ? [effect.message] : [],
    ),
  );
const iso = (ms: number) => new Date(ms).toISOString();
const beats = (offsetMs: number, count = 20) =>
  Array.from({ length: count }, (_, index) => ({
    type: "i_am_alive",
    timestamp: iso(START + (index + 1) * 10_000 + offsetMs),
  }));

describe("the clock of an orchestrator", () => {
  it("B19: is noted when it is off, and told once in a session, in the log and in the activity", () => {
    const { steps, socket, record } = session(beats(61 * MINUTE_MS));
    expect(socket.clock).toEqual({ offsetMs: 61 * MINUTE_MS, isTold: true });
    expect(told(steps)).toEqual([expect.stringMatching(/o-1 is 61 min fast/)]);
    const activity = steps.flatMap(({ effects }) => effects.filter((effect) => effect.kind === "activity"));
    expect(activity.filter(({ type }) => type === "clock")).toHaveLength(1);
    expect(endSession(record, socket, START).clockOffsetMs).toBe(61 * MINUTE_MS);
  });

  it("B19: a beat with a wrong clock is as cheap as another: no row, no report, no log", () => {
    const { steps } = session(beats(-61 * MINUTE_MS, 10));
    expect(told(steps.slice(0, 2))).toEqual([expect.stringContaining("61 min slow")]);
    for (const { effects } of steps.slice(2)) expect(effects.map(({ kind }) => kind)).toEqual(["send", "trace"]);
    const records = steps.slice(2).map(({ record }) => record);
    expect(new Set(records).size).toBe(1);
  });

  it("B19: changes nothing of the session, whatever it says", () => {
    const timestamp = fc.oneof(
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-01-01") }).map((date) => date.toISOString()),
      fc.integer(),
      fc.jsonValue(),
    );
    const right = session(beats(0, 2));
    fc.assert(
      fc.property(timestamp, timestamp, (first, second) => {
        const frames = [first, second].map((timestamp) => ({ type: "i_am_alive", timestamp }));
        const { socket, record } = session(frames, { timestamp: first });
        const { clock: _, dropped: __, ...rest } = socket;
        const { clock: ___, ...expected } = right.socket;
        expect(rest).toEqual(expected);
        expect(record).toEqual(right.record);
      }),
      { numRuns: 2_000 },
    );
  });

  it("B19 sibling: is heard in the handshake already, and forgotten when it is right again", () => {
    const handshake = { timestamp: iso(START + 90 * MINUTE_MS) };
    expect(told(session([], handshake).steps)).toHaveLength(1);
    const { socket, steps } = session(beats(0, 1), handshake);
    expect(socket.clock?.offsetMs).toBe(0);
    expect(told(steps)).toHaveLength(1);
  });

  it("B19 sibling: a time without a zone is UTC, and one that cannot be read is dropped", () => {
    const naive = iso(START + 10_000).replace("Z", "");
    expect(session([{ type: "i_am_alive", timestamp: naive }]).socket.clock?.offsetMs).toBe(0);
    const { socket } = session([{ type: "i_am_alive", timestamp: "soon" }]);
    expect(socket.clock).toBeUndefined();
    expect(socket.dropped).toMatchObject({ fields: ["timestamp"] });
  });

  it("B19 sibling: a usage report of the future shows a wrong clock where no frame tells the time", () => {
    const [window_start, window_end] = [iso(START + 61 * MINUTE_MS), iso(START + 62 * MINUTE_MS)];
    const data = { report_id: "r", window_start, window_end, items: [{ cost_usd: 1 }] };
    const { steps, socket } = session([{ type: "usage_report", data }]);
    expect(socket.clock?.offsetMs).toBe(62 * MINUTE_MS - 10_000);
    expect(told(steps)).toHaveLength(1);
  });

  it("B19 sibling: nothing is noted of an independent one", () => {
    const { record, socket } = session([]);
    const frame = { type: "i_am_alive", timestamp: iso(START + 90 * MINUTE_MS) };
    const step = hear({ ...record, isIndependent: true }, socket, frame, START);
    expect(step.socket.clock).toBeUndefined();
  });
});
