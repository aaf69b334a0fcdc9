import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseRecording } from "./replay.ts";

type Frame = Record<string, unknown>;
/** The next number in [0, limit). */
export type Random = (limit: number) => number;

/** Mulberry32: the same numbers for the same seed, at a speed that a hundred thousand frames need. */
export function randomOf(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

const RECORDINGS = ["wire-python-client.jsonl", "wire-python-client-restart.jsonl"];
const NOW = "2026-11-21T00:48:54.535Z";

/** What the unmodified client sends, and a valid frame of each type that it does not. */
export function seedFrames(): Frame[] {
  const recorded = RECORDINGS.flatMap((name) =>
    parseRecording(readFileSync(join(import.meta.dirname, "../data", name), "utf8")),
  ).flatMap(({ fromClient }) => fromClient.map(({ frame }) => frame as Frame));
  const data = { id: "m1", content: "x", metadata: { severity: "low" } };
  const items = [{ model: "m", provider: "p", requests: 1, input_tokens: 2, output_tokens: 3, cost_usd: 0.5 }];
  return [
    ...recorded,
    { type: "register", orchestrator_id: "org-002", metadata: { name: "x" } },
    { type: "keepalive", metrics: { cpu: 1 }, health_status: "degraded", features: {} },
    { type: "request_status" },
    { type: "provisioning_request" },
    { type: "update_metadata", data: { metadata: { name: "y", features: { cache: true } } } },
    { type: "monitoring_report", data },
    { type: "recommendation", data },
    { type: "message_status", message_id: "m1", status: "accepted" },
    { type: "config_status", revision: 1, status: "failed", error: "no" },
    { type: "usage_report", data: { report_id: "r1", window_start: NOW, window_end: NOW, items } },
    { type: "o_config_snapshot", data: { a: { b: [1, null, "x"] } } },
    { type: "independence_ack", is_independent: true },
  ];
}

const VALUES: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 63),
  1e308,
  "",
  " ",
  "\u0000",
  "a\r\nb",
  "\u202e",
  "İı𝒳👩‍👧é",
  "' OR 1=1 --",
  "../../etc/passwd",
  "__proto__",
  "x".repeat(300),
  "x".repeat(9_000),
  [],
  {},
  [[]],
  [null],
  { a: { b: { c: [] } } },
  "org-002",
  "org-other",
  "2026-13-45T99:99:99Z",
  "accepted",
  "i_am_alive",
];
const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "type",
  "data",
  "orchestrator_id",
  "metadata",
  "",
  "\u0000",
  "toString",
  "metrics",
];
const TEXTS = [
  "\\u0000",
  "\\ud800",
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "null",
  "1e999",
  "-",
  "\u0000",
  "\ud800",
  "é",
  "{".repeat(40),
  "[".repeat(500),
];

function pick<T>(items: readonly T[], random: Random): T {
  return items[random(items.length)] as T;
}

/** A frame with one to three things changed, as the text that goes out. */
export function mutate(seeds: readonly Frame[], random: Random): string {
  let frame: unknown = structuredClone(pick(seeds, random));
  for (let change = random(3); change >= 0; change--) frame = changed(frame, random);
  const text = JSON.stringify(frame) ?? "";
  if (random(4) > 0) return text;
  const at = random(text.length + 1);
  const ways = [
    () => text.slice(0, at),
    () => text.slice(0, at) + pick(TEXTS, random) + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1 + random(4)),
    () => `${text}${pick(TEXTS, random)}`,
    () => `{"__proto__":{"admin":true},${text.slice(1)}`,
    () => text + text,
  ];
  return pick(ways, random)();
}

/** One value somewhere inside replaced, removed or added. */
function changed(value: unknown, random: Random): unknown {
  if (typeof value !== "object" || value === null || random(4) === 0) return pick(VALUES, random);
  const entries = Object.entries(value);
  const at = random(entries.length);
  const way = random(4);
  if (Array.isArray(value))
    return way === 0
      ? [...value, ...value]
      : value.map((entry, index) => (index === at ? changed(entry, random) : entry));
  if (way === 0) return Object.fromEntries(entries.filter((_, index) => index !== at));
  if (way === 1) return Object.fromEntries([...entries, [pick(KEYS, random), pick(VALUES, random)]]);
  return Object.fromEntries(
    entries.map(([key, entry], index) => (index === at ? [key, changed(entry, random)] : [key, entry])),
  );
}
