import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../support/controller.ts";
import { eventually } from "../support/eventually.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { asList, type Stack, startStack } from "../support/stack.ts";

const HOUR_MS = 3_600_000;
const MODELS = ["gpt-x", "claude-y", ""];
const PROVIDERS = ["first", "second"];
const ORCHESTRATORS = { "east-1": "east", "east-2": "east", "west-1": "west" };

type OrchestratorId = keyof typeof ORCHESTRATORS;

interface Item {
  model: string;
  provider: string;
  requests: number;
  input_tokens: number;
  output_tokens: number;
  /** Millionths of a dollar: whole numbers, so that the sums of this test are exact. */
  micros: number;
}

type Sum = Omit<Item, "model" | "provider">;

interface Report {
  orchestrator: OrchestratorId;
  id: string;
  windowStart: number;
  items: Item[];
}

// Two windows an hour and a day apart, far enough in the past to be in one period whatever the time of day is.
const base = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 48 * HOUR_MS;
const WINDOWS = [base, base + 25 * HOUR_MS];

/** Fractions that binary floating point cannot hold, so that a sum of doubles would show. */
const reports: Report[] = (Object.keys(ORCHESTRATORS) as OrchestratorId[]).flatMap((orchestrator, row) =>
  WINDOWS.flatMap((windowStart, column) =>
    Array.from({ length: 5 }, (_, index) => ({
      orchestrator,
      id: `${orchestrator}-${column}-${index}`,
      windowStart: windowStart + index * 60_000,
      items: MODELS.map((model, place) => ({
        model,
        provider: PROVIDERS[(place + index) % 2] ?? "",
        requests: 1 + index,
        input_tokens: 100 * (row + 1) + place,
        output_tokens: 10 + column,
        micros: 100_001 * (index + 1) + 7 * row + place,
      })),
    })),
  ),
);

describe("usage that orchestrators report", () => {
  let stack: Stack;
  const clients = new Map<OrchestratorId, RawClient>();

  beforeAll(async () => {
    stack = await startStack();
    for (const [id, organization] of Object.entries(ORCHESTRATORS)) {
      await stack.register(id, organization);
      clients.set(id as OrchestratorId, await openSession(`${stack.controller.wsUrl}/ws`, id));
    }
  });

  afterAll(async () => {
    for (const client of clients.values()) client.kill();
    await stack?.stop();
  });

  async function sendReport({ orchestrator, id, windowStart, items }: Report): Promise<void> {
    const client = clients.get(orchestrator);
    if (!client) throw new Error(`${orchestrator} is not connected`);
    client.send({
      type: "usage_report",
      data: {
        report_id: id,
        window_start: new Date(windowStart).toISOString(),
        window_end: new Date(windowStart + 60_000).toISOString(),
        items: items.map(({ micros, model, ...item }) => ({
          ...item,
          ...(model === "" ? {} : { model }),
          cost_usd: micros / 1e6,
        })),
      },
    });
    expect(await client.next("usage_ack")).toMatchObject({ report_id: id, stored: true });
  }

  /** The sums of all reports once, by a key of theirs. */
  function sums(keyOf: (report: Report, item: Item) => string): Record<string, Sum> {
    const result: Record<string, Sum> = {};
    for (const report of reports) {
      for (const item of report.items) {
        const key = keyOf(report, item);
        const sum = result[key] ?? { requests: 0, input_tokens: 0, output_tokens: 0, micros: 0 };
        result[key] = {
          requests: sum.requests + item.requests,
          input_tokens: sum.input_tokens + item.input_tokens,
          output_tokens: sum.output_tokens + item.output_tokens,
          micros: sum.micros + item.micros,
        };
      }
    }
    return result;
  }

  async function costs(query: string): Promise<Json> {
    const day = (at: number) => new Date(at).toISOString().slice(0, 10);
    const period = `start_date=${day(base - 24 * HOUR_MS)}&end_date=${day(Date.now())}`;
    const { status, body, text } = await stack.controller.call("GET", `/api/v1/controller/costs?${period}&${query}`);
    expect(status, text).toBe(200);
    return body.data ?? {};
  }

  const shown = (entry: Json) => ({
    requests: Number(entry.requests),
    input_tokens: Number(entry.input_tokens),
    output_tokens: Number(entry.output_tokens),
    micros: microsOf(entry.cost_usd),
  });

  it("is taken once, however often and in whichever session a report comes", async () => {
    for (const report of reports) await sendReport(report);
    // At once again, after a new session, and after the object has lost its memory.
    for (const report of reports.slice(0, 10)) await sendReport(report);
    for (const [id, client] of clients) {
      client.kill();
      await stack.controller.evict("Orchestrator", id);
      clients.set(id, await openSession(`${stack.controller.wsUrl}/ws`, id));
    }
    for (const report of reports) await sendReport(report);
    const total = sums(() => "all").all;
    await eventually(async () => {
      const [row] = await stack.database.query(
        "SELECT sum(requests)::text AS requests, sum(cost_usd)::text AS cost FROM usage_hourly",
      );
      expect(Number(row?.requests)).toBe(total?.requests);
      expect(microsOf(row?.cost)).toBe(total?.micros);
    });
    const [counted] = await stack.database.query("SELECT count(*)::int AS reports FROM usage_reports");
    expect(counted).toEqual({ reports: reports.length });
  });

  it.each([
    ["organization", (report: Report) => ORCHESTRATORS[report.orchestrator]],
    ["model", (_: Report, item: Item) => item.model],
    ["provider", (_: Report, item: Item) => item.provider],
  ] as const)("costs by %s equal the sums of what was sent", async (group, keyOf) => {
    const data = await costs(`group_by=${group}`);
    const groups = Object.fromEntries(asList(data.groups).map((entry) => [String(entry.key), shown(entry)]));
    expect(groups).toEqual(sums(keyOf));
  });

  it.each([
    ["hour", 13],
    ["day", 10],
    ["month", 7],
  ] as const)("the history by %s equals the sums of its windows", async (granularity, length) => {
    const data = await costs(`granularity=${granularity}`);
    const history = asList(data.history).filter((point) => Number(point.requests) > 0);
    const points = Object.fromEntries(history.map((point) => [String(point.date).slice(0, length), shown(point)]));
    expect(points).toEqual(sums(({ windowStart }) => new Date(windowStart).toISOString().slice(0, length)));
  });

  it("totals of costs, of one organization and of the overview equal the sums as well", async () => {
    const { micros, ...counts } = sums(() => "all").all ?? { micros: 0 };
    const totals = (data: Json | undefined) => ({
      requests: Number(data?.total_requests),
      input_tokens: Number(data?.total_input_tokens),
      output_tokens: Number(data?.total_output_tokens),
      micros: microsOf(data?.total_cost_usd),
    });
    expect(totals(await costs("granularity=day"))).toEqual({ micros, ...counts });
    const overview = await stack.controller.call("GET", "/api/v1/controller/overview");
    expect(totals(overview.body.data)).toEqual({ micros, ...counts });
    const byOrganization = sums((report) => ORCHESTRATORS[report.orchestrator]);
    expect(totals(await costs("organization_ids=west"))).toEqual(byOrganization.west);
    expect(totals(await costs("organization_ids=nobody"))).toMatchObject({ requests: 0, micros: 0 });
  });
});

/** From the exact decimal text of an answer. */
function microsOf(text: unknown): number {
  const [whole = "", fraction = ""] = String(text).split(".");
  expect(fraction.slice(6)).toMatch(/^0*$/);
  return Number(whole) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}
