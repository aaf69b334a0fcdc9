import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { addressFrom } from "./lib/ports.ts";
import { fail, runMain } from "./lib/project.ts";
import { findRunning } from "./lib/running.ts";
import { readDevVars } from "./lib/settings.ts";

interface LogLine {
  timestamp: string;
  level: string;
  message: string;
  count?: number;
}

interface Answer {
  logs?: LogLine[];
  message?: string;
  error?: { details?: { path: string; message: string }[] };
}

const POLL_MS = 1000;

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      grep: { type: "string" },
      level: { type: "string" },
      limit: { type: "string", default: "200" },
      follow: { type: "boolean", short: "f", default: false },
      url: { type: "string", default: `http://127.0.0.1:${process.env.PORT ?? findRunning().port ?? 8787}` },
    },
  });
  const query = new URLSearchParams({ limit: values.limit });
  if (values.grep !== undefined) query.set("q", values.grep);
  if (values.level !== undefined) query.set("level", values.level.toUpperCase());
  const address = `${addressFrom(values.url).replace(/\/+$/, "")}/api/v1/internal/logs?${query}`;

  let shown = new Set<string>();
  do {
    const lines = await readLines(address);
    // Lines have no id: one is known by all that stands in it.
    const keyed = new Map(lines.map((line) => [JSON.stringify(line), line]));
    for (const [key, line] of keyed) if (!shown.has(key)) console.log(format(line));
    shown = new Set(keyed.keys());
    if (values.follow) await setTimeout(POLL_MS);
  } while (values.follow);
});

/** Oldest first. */
async function readLines(address: string): Promise<LogLine[]> {
  const headers = { Authorization: `Bearer ${readDevVars().DEV_BEARER_TOKEN ?? ""}` };
  const response = await fetch(address, { headers }).catch(() =>
    fail(`No controller answers on ${new URL(address).origin}. Start it with npm start.`),
  );
  const body = (await response.json().catch(() => ({}))) as Answer;
  if (!response.ok || !body.logs) {
    const details = (body.error?.details ?? []).map(({ path, message }) => `\n  ${path}: ${message}`);
    fail(`The controller answered ${response.status}: ${body.message ?? "no message"}${details.join("")}`);
  }
  return body.logs.toReversed();
}

function format({ timestamp, level, message, count = 1 }: LogLine): string {
  return `${timestamp} ${level.padEnd(7)} ${message}${count > 1 ? ` (×${count})` : ""}`;
}
