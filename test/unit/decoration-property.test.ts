import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTolerantly } from "../../worker/contract/tolerant-json.ts";
import { viewOf } from "../../worker/orchestrator/presence.ts";
import { newSocket, type OrchestratorRecord, type SocketState } from "../../worker/orchestrator/state.ts";
import { clockAt as at, receive, type Step } from "../support/turns.ts";

const ID = "odd-1";
const START = 1_800_000_000_000;
const MAX_ATTACHMENT_BYTES = 16_384;
const RUNS = { numRuns: 10_000 };

function hear(record: OrchestratorRecord | null, socket: SocketState, raw: string, now: number): Step {
  return receive({ record, socket, previous: null, ownId: ID }, raw, at(now));
}

const sent = (step: Step) => step.effects.flatMap((effect) => (effect.kind === "send" ? [effect.frame.type] : []));

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.constantFrom(
    "\ud800",
    "a\u0000",
    "\u202e",
    "İ",
    "👩‍👩‍👧‍👦".repeat(60),
    "x".repeat(9_000),
    "UNHEALTHY",
    "",
    " ",
    ID,
    "__proto__",
  ),
);
const key = fc.oneof(
  text,
  fc.constantFrom("__proto__", "constructor", "prototype", "toString", "name", "version", "cpu"),
);
const manyKeys = fc
  .integer({ min: 250, max: 300 })
  .map((count) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index])));
const value: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false, 0, -1, 1.4, 2 ** 53, 1e308, 86_400),
    text,
    manyKeys,
    fc.array(tie("value"), { maxLength: 5 }),
    // Entries, because an object literal would not keep a key named __proto__.
    fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** Members of an object, as text that need not be JSON. */
const rawValue = fc.oneof(
  value.map((one) => JSON.stringify(one) ?? "null"),
  value.map((one) => JSON.stringify(one) ?? "null"),
  fc.constantFrom(
    "NaN",
    "-Infinity",
    "1e400",
    "9007199254740993",
    "None",
    "True",
    "",
    "'a'",
    '"\\ud83d"',
    '"\\u12"',
    "[1,,2]",
    "datetime(1, 2)",
    "{'a': nan}",
  ),
);

/** Names that every object has, which what was parsed may have as its own, with anything in them. */
const builtIn = fc.constantFrom("toString", "valueOf", "toJSON", "constructor", "hasOwnProperty", "then", "__proto__");
const oddObject = fc.tuple(builtIn, rawValue).map(([name, raw]) => `{"${name}":${raw || "null"}}`);
const oddKey = fc.oneof(
  oddObject,
  oddObject.map((raw) => `[[${raw}]]`),
  fc.constantFrom("{}", "[]", "[NaN]", "NaN", "None", "1.5", "{{[]:1}:2}"),
);
/** A value with a key in it that is no text. */
const oddlyKeyed = fc.oneof(
  fc.tuple(oddKey, rawValue).map(([name, raw]) => `{${name}:${raw},"mem":3}`),
  oddObject,
  oddObject.map((raw) => `[${raw},NaN]`),
);

const beatMember = fc.tuple(
  fc.constantFrom("metrics", "features", "health_status", "timestamp", "anything", "data", "load"),
  rawValue,
);
const metadataMember = fc.tuple(
  fc.constantFrom("version", "hostname", "ip", "ssl_enabled", "name", "location", "features", "anything", "load"),
  rawValue,
);
const members = (list: [string, string][]) => list.map(([name, raw]) => `,"${name}":${raw}`).join("");

function opened(): { record: OrchestratorRecord; socket: SocketState } {
  const hello = JSON.stringify({ type: "handshake", data: { orchestrator_id: ID } });
  const { record, socket } = hear(null, newSocket("s1", START), hello, START);
  if (!record) throw new Error("the handshake was refused");
  return { record, socket };
}

/** What the platform stores of it is a structured clone, in which a text with one wide character takes two bytes each. */
function clonedBytes(socket: SocketState): number {
  const json = JSON.stringify(socket);
  const metrics = socket.metrics ?? "";
  const isWide = [...metrics].some((char) => (char.codePointAt(0) ?? 0) > 0xff);
  return json.length + (isWide ? metrics.length : 0);
}

describe("10,000 random decorations", () => {
  it("B01, B02: never close a session or refuse a heartbeat, in either dialect", () => {
    let { record, socket } = opened();
    let now = START;
    fc.assert(
      fc.property(fc.constantFrom("i_am_alive", "keepalive"), fc.array(beatMember, { maxLength: 5 }), (type, list) => {
        now += 1_000;
        const raw = `{"type":"${type}"${members(list)}}`;
        const step = hear(record, socket, raw, now);
        expect(sent(step), raw).toEqual(["keepalive_ack"]);
        expect(step.socket, raw).toMatchObject({ phase: "open", strikes: [], lastSeenAt: now });
        expect(clonedBytes(step.socket), raw).toBeLessThan(MAX_ATTACHMENT_BYTES);
        if (!step.record) throw new Error("no record");
        expect(viewOf(step.record, step.socket, now, 120_000).status).toBe("active");
        ({ record, socket } = { record: step.record, socket: step.socket });
      }),
      RUNS,
    );
  }, 300_000);

  it("B01 sibling: an object or a list in the place of a key costs that key alone", () => {
    const { record, socket } = opened();
    const beat = (raw: string) => hear(record, socket, raw, START + 1_000);
    const name = fc.constantFrom("metrics", "features", "timestamp", "toString");
    fc.assert(
      fc.property(oddKey, oddlyKeyed, name, (key, odd, field) => {
        for (const members of [`${key}:2`, `"${field}":${odd},"load":NaN`]) {
          const raw = `{"type":"i_am_alive",${members}}`;
          expect(sent(beat(raw)), raw).toEqual(["keepalive_ack"]);
          const hello = `{"type":"handshake","data":{"orchestrator_id":"${ID}","metadata":{${members}}}}`;
          expect(sent(hear(null, newSocket("s1", START), hello, START))[0], hello).toBe("handshake_ack");
        }
      }),
      { numRuns: 2_000 },
    );
    const step = beat('{"type":"i_am_alive","metrics":{{"toString":1}:2,"mem":3}}');
    expect(step.socket).toMatchObject({ metrics: '{"mem":3}' });
    expect(JSON.stringify(step)).toContain("its key is not text");
  });

  it("B17: never refuse a handshake, in either dialect", () => {
    const frame = fc.constantFrom(
      (raw: string) => `{"type":"handshake","data":{"orchestrator_id":"${ID}",${raw}}}`,
      (raw: string) => `{"type":"register","orchestrator_id":"${ID}",${raw}}`,
    );
    const metadata = fc.oneof(
      fc.array(metadataMember, { maxLength: 8 }).map((list) => `{${members(list).slice(1)}}`),
      rawValue,
    );
    fc.assert(
      fc.property(frame, metadata, rawValue, (make, said, seconds) => {
        const raw = make(`"metadata":${said},"controller_heartbeat_sec":${seconds}`);
        const step = hear(null, newSocket("s1", START), raw, START);
        expect(sent(step)[0], raw).toBe("handshake_ack");
        expect(step.socket, raw).toMatchObject({ phase: "open", strikes: [] });
        expect(clonedBytes(step.socket), raw).toBeLessThan(MAX_ATTACHMENT_BYTES);
        // Postgres takes neither.
        expect(JSON.stringify(step.record)).not.toContain("\\u0000");
        expect(JSON.stringify(step.record).isWellFormed()).toBe(true);
      }),
      RUNS,
    );
  }, 300_000);
});

describe("the tolerant parse", () => {
  it("reads what is JSON as JSON.parse does, and never throws on what is not", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6 }),
        fc.nat(),
        fc.constantFrom("", ",", "{", "}", "'", "\\", "NaN", "]", "/*"),
        (json, place, odd) => {
          if (!/\d{16}/.test(json)) expect(parseTolerantly(json).value).toEqual(JSON.parse(json));
          const cut = place % (json.length + 1);
          expect(parseTolerantly(json.slice(0, cut) + odd + json.slice(cut))).toHaveProperty("isComplete");
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["brackets", "[".repeat(1_000_000)],
    ["braces", '{"a":'.repeat(200_000)],
    ["quotes", '{"a":"'.repeat(150_000)],
    ["backslashes", `{"a":"${"\\".repeat(1_000_000)}`],
    ["comments", "/*".repeat(500_000)],
    ["slashes", "/".repeat(1_000_000)],
    ["spaces", " ".repeat(1_000_000)],
    ["commas", `{${",".repeat(1_000_000)}`],
    ["words", `{${"a ".repeat(500_000)}`],
    ["closed brackets", `[${"]".repeat(1_000_000)}`],
    ["digits", `{"a":${"1".repeat(1_000_000)}}`],
  ])("takes time in proportion to a hostile text of %s", (_, hostile) => {
    // A quadratic parse of a megabyte would take hours, which the timeout of the test is for.
    expect(parseTolerantly(hostile)).toHaveProperty("isComplete");
  });
});
