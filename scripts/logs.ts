import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { printable } from "./lib/format-table.ts";
import { addressFrom } from "./lib/ports.ts";
import { runMain } from "./lib/project.ts";
import { localController, NotRunning } from "./lib/running.ts";
import { readDevVars } from "./lib/settings.ts";

const POLL_MS = 1_000;
const TIMEOUT_MS = 10_000;

const logLine = z.object({
  timestamp: z.string(),
  level: z.string(),
  message: z.string(),
  count: z.int().default(1),
});
const answer = z.object({ logs: z.array(logLine) });
const refusal = z.object({
  message: z.string().default("no message"),
  error: z
    .object({ details: z.array(z.object({ path: z.string(), message: z.string() })).default([]) })
    .default({ details: [] }),
});

type LogLine = z.output<typeof logLine>;

/** The controller does not run or has a fault; it may be back soon. */
class Unavailable extends Error {}

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      grep: { type: "string" },
      level: { type: "string" },
      limit: { type: "string", default: "200" },
      follow: { type: "boolean", short: "f", default: false },
      url: { type: "string" },
    },
  });
  const query = new URLSearchParams({ limit: values.limit });
  if (values.grep !== undefined) query.set("q", values.grep);
  if (values.level !== undefined) query.set("level", values.level.toUpperCase());
  const read = () => readLines(`${addressFrom(values.url ?? localController())}/api/v1/internal/logs?${query}`);

  let shown = print(await read(), new Set());
  let isAway = false;
  while (values.follow) {
    await setTimeout(POLL_MS);
    try {
      shown = print(await read(), shown);
      if (isAway) console.error("The controller is back.");
      isAway = false;
    } catch (error) {
      if (!(error instanceof Unavailable || error instanceof NotRunning)) throw error;
      if (!isAway) console.error("The controller does not answer. Waiting until it is back; Ctrl-C ends this.");
      isAway = true;
    }
  }
});

/** Prints the lines that were not shown yet, and returns the shown ones. Lines have no id, so their whole text identifies them. */
function print(lines: LogLine[], shown: ReadonlySet<string>): Set<string> {
  const keyed = new Map(lines.map((line) => [JSON.stringify(line), line]));
  for (const [key, line] of keyed) if (!shown.has(key)) console.log(format(line));
  return new Set(keyed.keys());
}

/** Oldest first. */
async function readLines(address: string): Promise<LogLine[]> {
  const headers = { Authorization: `Bearer ${readDevVars().DEV_BEARER_TOKEN ?? ""}` };
  const { origin } = new URL(address);
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (error) {
    const isMute = error instanceof DOMException && error.name === "TimeoutError";
    const what = isMute ? `What listens on ${origin} does not answer.` : `No controller answers on ${origin}.`;
    throw new Unavailable(`${what} Start it with npm start.`);
  }
  const body = jsonOf(text);
  const read = answer.safeParse(body);
  if (response.ok && read.success) return read.data.logs.toReversed();
  const { message, error } = refusal.catch({ message: "no message", error: { details: [] } }).parse(body);
  const details = error.details.map((detail) => `\n  ${detail.path}: ${detail.message}`).join("");
  const sentence = `The controller on ${origin} answered ${response.status}: ${message}${details}`;
  throw response.status >= 500 ? new Unavailable(sentence) : new Error(sentence);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function format({ timestamp, level, message, count }: LogLine): string {
  return `${timestamp} ${level.padEnd(7)} ${printable(message)}${count > 1 ? ` (×${count})` : ""}`;
}
