import { describe, expect, it } from "vitest";
import { FRAME_RATE } from "../../worker/contract/values/limits.ts";
import { viewOf } from "../../worker/orchestrator/presence.ts";
import { newSocket, type OrchestratorRecord, type SocketState } from "../../worker/orchestrator/state.ts";
import { clockAt as at, receive, type Step } from "../support/turns.ts";

const ID = "sign-1";
const START = 1_800_000_000_000;

interface Session {
  record: OrchestratorRecord;
  socket: SocketState;
}

function hear(record: OrchestratorRecord | null, socket: SocketState, raw: string, now = START): Step {
  return receive({ record, socket, previous: null, ownId: ID }, raw, at(now));
}

function opened(raw = JSON.stringify({ type: "handshake", data: { orchestrator_id: ID } }), now = START): Session {
  const { record, socket } = hear(null, newSocket("s1", now), raw, now);
  if (!record || socket.phase !== "open") throw new Error(`the handshake was refused: ${raw.slice(0, 200)}`);
  return { record, socket };
}

/** The session after one more frame; the frame must not have changed that it is open. */
function follow(session: Session, raw: string, now = START + 10_000): Session & { step: Step } {
  const step = hear(session.record, session.socket, raw, now);
  return { step, record: step.record ?? session.record, socket: step.socket };
}

const sent = (step: Step) => step.effects.flatMap((effect) => (effect.kind === "send" ? [effect.frame] : []));
const logs = (step: Step) => step.effects.flatMap((effect) => (effect.kind === "log" ? [effect.message] : []));

/** It counted: acknowledged, active, open, and no strike. */
function expectAlive({ step, record, socket }: Session & { step: Step }, now = START + 10_000): void {
  expect(sent(step).map(({ type }) => type)).toEqual(["keepalive_ack"]);
  expect(socket).toMatchObject({ phase: "open", strikes: [], lastSeenAt: now });
  expect(viewOf(record, socket, now, 120_000).status).toBe("active");
}

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, index]));
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
const beat = (rest: object) => JSON.stringify({ type: "i_am_alive", ...rest });
const metricsOf = ({ socket }: Session): unknown => (socket.metrics === null ? null : JSON.parse(socket.metrics));

describe("a heartbeat that is not JSON", () => {
  it("B01: a heartbeat whose metrics hold NaN counts as a sign of life, every 10 s for ten minutes", () => {
    let session = opened();
    for (let turn = 1; turn <= 60; turn++) {
      const now = START + turn * 10_000;
      const next = follow(session, '{"type":"i_am_alive","metrics":{"cpu":NaN,"mem":3}}', now);
      expectAlive(next, now);
      session = next;
    }
    expect(metricsOf(session)).toEqual({ mem: 3 });
    expect(session.socket.dropped).toMatchObject({ count: 60, fields: ["metrics.cpu"], lastAt: START + 600_000 });
  });

  it("B01: the log says it once in a session, and the activity once for a field", () => {
    const first = follow(opened(), '{"type":"i_am_alive","metrics":{"cpu":NaN}}');
    expect(logs(first.step)).toEqual([
      "Heartbeat of sign-1: metrics.cpu could not be used (not a finite number); the heartbeat counts",
    ]);
    expect(first.step.effects.filter(({ kind }) => kind === "activity")).toHaveLength(1);
    const second = follow(first, '{"type":"i_am_alive","metrics":{"cpu":NaN,"mem":NaN}}', START + 20_000);
    expect(logs(second.step)).toEqual([]);
    expect(second.step.effects.filter(({ kind }) => kind === "activity")).toHaveLength(1);
    const third = follow(second, '{"type":"i_am_alive","metrics":{"cpu":NaN,"mem":NaN}}', START + 30_000);
    expect(third.step.effects.map(({ kind }) => kind)).toEqual(["send", "trace"]);
    expect(third.record).toBe(second.record);
  });

  it.each([
    ["Infinity", '{"type":"i_am_alive","metrics":{"cpu":Infinity,"mem":3}}'],
    ["-Infinity", '{"type":"i_am_alive","metrics":{"cpu":-Infinity,"mem":3}}'],
    ["a number too large for a double", '{"type":"i_am_alive","metrics":{"cpu":1e400,"mem":3}}'],
    ["nan of C", '{"type":"i_am_alive","metrics":{"cpu":-nan(ind),"mem":3}}'],
    ["an object of Python", '{"type":"i_am_alive","metrics":{"cpu":datetime.datetime(2026, 1, 2, 3, 4),"mem":3}}'],
    ["a value that is missing", '{"type":"i_am_alive","metrics":{"cpu":,"mem":3}}'],
    ["the repr of a Python dict", "{'type': 'i_am_alive', 'metrics': {'cpu': nan, 'mem': 3}}"],
    ["half a surrogate pair", String.raw`{"type":"i_am_alive","metrics":{"cpu":"\ud83d","mem":3}}`],
    ["half a surrogate pair in a key", String.raw`{"type":"i_am_alive","metrics":{"\ud83d":1,"mem":3}}`],
    ["U+0000", String.raw`{"type":"i_am_alive","metrics":{"cpu":"a\u0000","mem":3}}`],
    ["a raw U+0000", '{"type":"i_am_alive","metrics":{"cpu":"a\u0000","mem":3}}'],
    ["an escape that is none", String.raw`{"type":"i_am_alive","metrics":{"cpu":"\u12","mem":3}}`],
    ["a key __proto__", '{"type":"i_am_alive","metrics":{"__proto__":{"admin":true},"mem":3}}'],
    ["a key constructor deep inside", '{"type":"i_am_alive","metrics":{"mem":3,"constructor":1}}'],
    ["nesting beyond the limit", beat({ metrics: { deep: nested(40), mem: 3 } })],
    ["nesting without end", `{"type":"i_am_alive","metrics":{"deep":${"[".repeat(9e3)}${"]".repeat(9e3)},"mem":3}}`],
  ])("B01 sibling: %s costs that field alone", (_, raw) => {
    const next = follow(opened(), raw);
    expectAlive(next);
    expect(metricsOf(next)).toMatchObject({ mem: 3 });
    if (!raw.includes("deep")) expect(metricsOf(next)).toEqual({ mem: 3 });
    expect(next.socket.dropped?.count).toBe(1);
  });

  it.each([
    ["trailing commas", '{"type":"i_am_alive","metrics":{"mem":3,},}'],
    ["a byte order mark", '\ufeff{"type":"i_am_alive","metrics":{"mem":3}}'],
    ["True and None of Python", '{"type":"i_am_alive","is_busy":True,"extra":None,"metrics":{"mem":3}}'],
    ["a raw line break in a text", '{"type":"i_am_alive","note":"a\nb","metrics":{"mem":3}}'],
    ["a comment", '{"type":"i_am_alive",/* load */"metrics":{"mem":3} // now\n}'],
    ["two at once", '{"type":"i_am_alive","metrics":{"mem":3}}\n{"type":"i_am_alive","metrics":{"mem":3}}'],
    ["NaN in a field that nobody reads", '{"type":"i_am_alive","load":NaN,"metrics":{"mem":3}}'],
    ["a key __proto__ beside the type", '{"type":"i_am_alive","__proto__":{"a":1},"metrics":{"mem":3}}'],
  ])("B01 sibling: %s: nothing is lost", (_, raw) => {
    const next = follow(opened(), raw);
    expectAlive(next);
    expect(metricsOf(next)).toEqual({ mem: 3 });
    expect(next.socket.dropped).toBeUndefined();
  });

  it("B01 sibling: a handshake with NaN opens the session and keeps the rest", () => {
    const { record, socket } = opened(
      `{"type":"handshake","data":{"orchestrator_id":"${ID}","metadata":{"version":"1.4","load":NaN,"name":"Acme"}}}`,
    );
    expect(record.profile).toMatchObject({ name: "Acme", metadata: { version: "1.4", name: "Acme" } });
    expect(socket.dropped).toMatchObject({ count: 1, fields: ["data.metadata.load"] });
  });

  it("B01 sibling: what is neither a heartbeat nor a handshake must be JSON", () => {
    const step = hear(opened().record, opened().socket, '{"type":"usage_report","data":{"cost":NaN}}');
    expect(sent(step)[0]).toMatchObject({ type: "error", data: { code: "invalid_json" } });
  });
});

describe("a heartbeat over the limits", () => {
  it.each([
    ["257 keys in an object", { containers: keys(257), mem: 3 }, { mem: 3 }],
    ["257 keys at the top", keys(257), null],
    ["1,100 keys in all", { a: keys(250), b: keys(250), c: keys(250), d: keys(250), e: keys(250), mem: 3 }, undefined],
    ["more than 4 KiB", { list: "x".repeat(5_000), mem: 3 }, { mem: 3 }],
    ["a text over 8 KiB", { text: "x".repeat(9_000), mem: 3 }, { mem: 3 }],
    ["a list instead of an object", [1, 2], null],
    ["a text instead of an object", "fast", null],
    ["a number instead of an object", 5, null],
  ])("B02: metrics with %s: the beat counts", (_, metrics, kept) => {
    const next = follow(opened(), beat({ metrics }));
    expectAlive(next);
    if (kept !== undefined) expect(metricsOf(next)).toEqual(kept);
    expect(next.socket.dropped?.fields[0]).toMatch(/^metrics/);
  });

  it.each([["i_am_alive"], ["keepalive"]])("B02 sibling: a %s of more than a frame may have counts", (type) => {
    for (const size of [70_000, 300_000, 1_000_000]) {
      const raw = JSON.stringify({ type, metrics: { blob: "x".repeat(size), mem: 3 } });
      const next = follow(opened(), raw);
      expectAlive(next);
      expect(metricsOf(next)).toEqual({ mem: 3 });
    }
  });

  it.each([
    ["features a list", { features: [] }],
    ["features over the limit", { features: keys(300) }],
    [
      "features of 50 KiB",
      { features: { a: "x".repeat(8_000), b: Array.from({ length: 6 }, () => "y".repeat(8_000)) } },
    ],
    ["a status that is a number", { health_status: 3 }],
    ["an id that is no id", { orchestrator_id: {} }],
    ["an empty id", { orchestrator_id: " " }],
    ["everything at once", { features: "x", metrics: null, health_status: [], orchestrator_id: null, timestamp: {} }],
  ])("B02 sibling: %s: the beat counts", (_, rest) => expectAlive(follow(opened(), beat(rest))));

  it("B02 sibling: its own id as a number or with spaces is its own, and another one ends the session", () => {
    const own = hear(null, newSocket("s1", START), '{"type":"handshake","data":{}}', START);
    if (!own.record) throw new Error("refused");
    const named = (id: unknown) =>
      receive(
        { record: own.record, socket: own.socket, previous: null, ownId: "42" },
        beat({ orchestrator_id: id }),
        at(START),
      );
    expect(sent(named(42))[0]).toMatchObject({ type: "keepalive_ack" });
    expect(sent(named(" 42 "))[0]).toMatchObject({ type: "keepalive_ack" });
    expect(sent(named(43))[0]).toMatchObject({ data: { code: "id_conflict", fatal: true } });
  });
});

describe("health", () => {
  it.each([
    ["UNHEALTHY", "unhealthy"],
    [" Degraded ", "degraded"],
    ["fine", "unknown"],
    ["", "healthy"],
    [true, "unknown"],
    [0, "unknown"],
    [{}, "unknown"],
    [null, "healthy"],
  ])("B03: health_status %j is %s", (said, health) => {
    const next = follow(opened(), beat({ health_status: said }));
    expectAlive(next);
    expect(next.record.healthStatus).toBe(health);
  });

  it("B03: what it said stands through beats without the field and through a reconnect", () => {
    let session: Session = follow(opened(), beat({ health_status: "unhealthy" }));
    session = follow(session, beat({}), START + 20_000);
    expect(session.record.healthStatus).toBe("unhealthy");
    const hello = JSON.stringify({ type: "handshake", data: { orchestrator_id: ID } });
    const step = hear(session.record, newSocket("s2", START + 30_000), hello, START + 30_000);
    expect(step.record?.healthStatus).toBe("unhealthy");
    if (!step.record) throw new Error("refused");
    const well = follow(
      { record: step.record, socket: step.socket },
      beat({ health_status: "healthy" }),
      START + 40_000,
    );
    expect(well.record.healthStatus).toBe("healthy");
  });

  it("B03: a word that nobody knows stays unknown until it says another", () => {
    let session: Session = follow(opened(), beat({ health_status: "meh" }));
    session = follow(session, beat({}), START + 20_000);
    expect(session.record.healthStatus).toBe("unknown");
  });

  it("B03: one that never speaks of its health is healthy while it lives", () => {
    expect(follow(opened(), beat({})).record.healthStatus).toBe("healthy");
  });
});

describe("a handshake with odd decoration", () => {
  const hello = (metadata: unknown, rest: object = {}) =>
    JSON.stringify({ type: "handshake", data: { orchestrator_id: ID, metadata, ...rest } });
  const register = (metadata: unknown, rest: object = {}) =>
    JSON.stringify({ type: "register", orchestrator_id: ID, metadata, ...rest });

  it.each([
    ["handshake", hello],
    ["register", register],
  ] as const)("B17: %s: a version that is a number is kept as text", (_, greet) => {
    const { record, socket } = opened(greet({ version: 1.4, hostname: "h", name: 7 }));
    expect(record.profile.metadata).toMatchObject({ version: "1.4", hostname: "h" });
    expect(record.profile.name).toBe("7");
    expect(socket.dropped).toBeUndefined();
  });

  it.each([
    ["handshake", hello],
    ["register", register],
  ] as const)("B17 sibling: %s: whatever decorates it", (_, greet) => {
    const odd: unknown[] = [
      "fast",
      [],
      null,
      5,
      { version: {} },
      { version: ["1"] },
      { name: "x".repeat(300) },
      { name: "a\nb\tc" },
      { name: "\ud800" },
      { name: "a\u0000b" },
      { features: [] },
      { features: "all" },
      { features: keys(300) },
      { ssl_enabled: "yes" },
      { ssl_enabled: {} },
      { ip: false },
      keys(300),
      keys(2_000),
      { deep: nested(30) },
      { big: "x".repeat(9_000) },
      { big: Array.from({ length: 10 }, () => "x".repeat(8_000)) },
      JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    ];
    for (const metadata of odd) {
      const { socket, record } = opened(greet({ ...(typeof metadata === "object" ? metadata : {}) }));
      expect(socket.strikes).toEqual([]);
      expect(record.orchestratorId).toBe(ID);
      opened(greet(metadata));
    }
  });

  it("B17 sibling: a name that is too long is cut at a character, and the log says so", () => {
    const family = "👩‍👩‍👧‍👦";
    const step = hear(null, newSocket("s1", START), hello({ name: `${"x".repeat(250)}${family}` }));
    expect(step.record?.profile.name).toBe("x".repeat(250));
    expect(logs(step)).toContain(
      "Handshake of sign-1: data.metadata.name could not be used (cut to 255 characters); the session is open",
    );
  });

  it.each([
    ["0", 0, undefined],
    ["text", "soon", undefined],
    ["1", 1, 5_000],
    ["a day", 86_400, 3_600_000],
    ["20 as text", "20", 20_000],
    ["null", null, undefined],
  ])("B17 sibling: controller_heartbeat_sec %s", (_, value, everyMs) => {
    const { socket } = opened(hello({}, { controller_heartbeat_sec: value }));
    expect(socket.pulse?.everyMs).toBe(everyMs);
  });

  it.each([
    ["data null", '{"type":"handshake","data":null}'],
    ["no data", '{"type":"handshake"}'],
    ["data a text", '{"type":"handshake","data":"x"}'],
    ["an empty id", '{"type":"handshake","data":{"orchestrator_id":" "}}'],
    ["register without an id", '{"type":"register"}'],
  ])("B17 sibling: %s: the address has named it", (_, raw) => expect(opened(raw).record.orchestratorId).toBe(ID));

  it.each([
    ["an id with a space", { orchestrator_id: "a b" }],
    ["an id that is a list", { orchestrator_id: [ID] }],
    ["an id of 300 characters", { orchestrator_id: "x".repeat(300) }],
  ])("B17 sibling: %s is refused, because the id is the core", (_, data) => {
    const step = hear(null, newSocket("s1", START), JSON.stringify({ type: "handshake", data }));
    expect(sent(step)[0]).toMatchObject({ type: "error", data: { code: "invalid_frame" } });
    expect(JSON.stringify(sent(step)[0])).toContain("orchestrator_id");
  });
});

describe("the rate of frames", () => {
  const usage = (report: number) =>
    JSON.stringify({
      type: "usage_report",
      data: {
        report_id: `r${report}`,
        window_start: new Date(START - 3_600_000).toISOString(),
        window_end: new Date(START).toISOString(),
        items: [{ requests: 1, input_tokens: 1, output_tokens: 1, cost_usd: 0.1 }],
      },
    });

  /** The reports that are taken. */
  const counted = ({ effects }: Step) =>
    effects.flatMap((effect) =>
      effect.kind === "queue" && effect.intent.kind === "usage" ? [effect.intent.report.reportId] : [],
    );

  it("B20: a queue of 200 reports that waited drains at once", () => {
    let session = opened();
    for (let report = 1; report <= 200; report++) {
      const next = follow(session, usage(report), START);
      expect(counted(next.step)).toEqual([`r${report}`]);
      session = next;
    }
  });

  it("B20: over the rate a frame is refused without a strike, and drains when it comes again after what was asked", () => {
    let session = opened();
    let waiting = Array.from({ length: 600 }, (_, index) => ({ report: index, dueAt: START }));
    const acked = new Set<unknown>();
    for (let now = START; waiting.length > 0 && now < START + 60_000; now += 50) {
      const later: typeof waiting = [];
      for (const item of waiting) {
        if (item.dueAt > now) {
          later.push(item);
          continue;
        }
        const next = follow(session, usage(item.report), now);
        session = next;
        const [reportId] = counted(next.step);
        if (reportId !== undefined) {
          expect(acked.has(reportId)).toBe(false);
          acked.add(reportId);
          continue;
        }
        const [answer] = sent(next.step);
        if (!answer) throw new Error("no answer");
        expect(answer).toMatchObject({
          type: "error",
          data: { code: "rate_limited", ref: "usage_report", fatal: false },
        });
        const { id, retry_after_ms: wait } = answer.data as { id: string; retry_after_ms: number };
        expect(id).toBe(`r${item.report}`);
        expect(wait).toBeGreaterThan(0);
        later.push({ ...item, dueAt: now + wait });
      }
      waiting = later;
    }
    expect(acked.size).toBe(600);
    expect(session.socket).toMatchObject({ phase: "open", strikes: [] });
  });

  it("B20: heartbeats are taken over the rate as well", () => {
    let session = opened();
    for (let frame = 0; frame < FRAME_RATE.burst + 300; frame++) session = follow(session, usage(frame), START);
    expectAlive(follow(session, beat({}), START + 1), START + 1);
  });

  it("B20: the rate can be known from the handshake", () => {
    const hello = JSON.stringify({ type: "handshake", data: { orchestrator_id: ID } });
    const [ack] = sent(hear(null, newSocket("s1", START), hello));
    expect(ack).toMatchObject({ pacing: { frames: { per_sec: FRAME_RATE.perSec, burst: FRAME_RATE.burst } } });
  });

  it.each([
    ["heartbeats", beat({})],
    ["reports", usage(1)],
    ["what is no JSON", "{"],
  ])("B20 sibling: a flood of %s without end is closed with 4429", (_, raw) => {
    let session = opened();
    const codes: number[] = [];
    let frames = 0;
    for (; frames < 3_000 && codes.length === 0; frames++) {
      const next = follow(session, raw, START + frames);
      codes.push(...next.step.effects.flatMap((effect) => (effect.kind === "close" ? [effect.code] : [])));
      session = next;
    }
    expect(codes).toEqual([raw === "{" ? 4400 : 4429]);
    if (raw !== "{") expect(frames).toBeGreaterThan(1_000);
  });
});
