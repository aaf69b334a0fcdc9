import { describe, expect, it } from "vitest";
import { parseFrame } from "../../worker/contract/parse-frame.ts";
import { newSocket, type OrchestratorRecord, type SocketState } from "../../worker/orchestrator/state.ts";
import { mutate, randomOf, seedFrames } from "../support/fuzz-frames.ts";
import { clockAt, receive, type Step } from "../support/turns.ts";

const FRAMES = 100_000;
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const START = 1_800_000_000_000;

function handle(record: OrchestratorRecord | null, socket: SocketState, raw: string, now: number): Step {
  return receive({ record, socket, previous: null, ownId: "org-002" }, raw, clockAt(now));
}

function opened(now: number): { record: OrchestratorRecord; socket: SocketState } {
  const hello = JSON.stringify({ type: "handshake", data: { orchestrator_id: "org-002", metadata: { name: "A" } } });
  const { record, socket } = handle(null, newSocket("s1", now), hello, now);
  if (!record) throw new Error("the handshake was refused");
  return { record, socket };
}

/** The record but for what the end of a session takes over from its socket. */
function withoutSession(record: OrchestratorRecord): string {
  const { session, seq, beats, metrics, dropped, clockOffsetMs, featuresAt, allFeaturesAt, ...kept } = record;
  const { lastSeenAt, lastActivityAt, lastSignalAt, ...rest } = kept;
  return JSON.stringify(rest);
}

describe("100,000 mutated frames", () => {
  it("never throw, and change nothing where they are refused", () => {
    const seeds = seedFrames();
    const random = randomOf(SEED);
    const codes = new Map<string, number>();
    const count = (code: string) => codes.set(code, (codes.get(code) ?? 0) + 1);
    let now = START;
    let session = opened(now);
    for (let index = 0; index < FRAMES; index++) {
      const raw = mutate(seeds, random);
      const pending = random(5) === 0;
      // Three seconds apart no frame is one too many, and strikes add up.
      now += 3_000;
      const { record } = session;
      const socket = pending ? newSocket("s2", now) : session.socket;
      const parsed = parseFrame(raw);
      const frozen = JSON.stringify(record);
      const step = handle(pending ? null : record, socket, raw, now);
      expect(JSON.stringify(record), raw).toBe(frozen);
      const answers = step.effects.flatMap((effect) => (effect.kind === "send" ? [effect.frame] : []));
      if (parsed.ok) count(parsed.frame.type);
      else {
        count(parsed.error.code);
        const isEnded = !pending && step.socket.phase === "closed";
        const isUnchanged = isEnded
          ? step.record?.session === null && withoutSession(step.record) === withoutSession(record)
          : step.record === (pending ? null : record);
        if (!isUnchanged) throw new Error(`refused, and yet it changed something: ${raw}`);
        expect(answers, raw).toEqual([expect.objectContaining({ type: "error" })]);
      }
      // What goes out fits its limits, whatever came in.
      for (const answer of answers)
        if (JSON.stringify(answer).length > 400_000) throw new Error(`too long an answer: ${raw}`);
      if (JSON.stringify(step.socket).length > 16_384) throw new Error(`the attachment grew too large: ${raw}`);
      if (pending) continue;
      const isOver = step.socket.phase !== "open" || !step.record;
      session = isOver ? opened(now) : { record: step.record ?? record, socket: step.socket };
    }
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain("admin");
    console.log([...codes].map(([code, times]) => `${code}×${times}`).join(" "));
    const kinds = [
      "i_am_alive",
      "handshake",
      "usage_report",
      "config_status",
      "invalid_json",
      "invalid_frame",
      "unknown_type",
    ];
    expect([...codes.keys()]).toEqual(expect.arrayContaining(kinds));
  }, 120_000);
});
