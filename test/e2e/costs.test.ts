import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { asList, type Stack, startStack } from "../support/stack.ts";

const HOUR_MS = 3_600_000;
const MODELS = [
  { model: "small", provider: "acme" },
  { model: "large", provider: "acme" },
  { model: "large", provider: "bolt" },
  {},
];
const FLEET = { "cost-1": "corp", "cost-2": "corp", "cost-3": "delta" };

interface Usage {
  organization: string;
  hour: number;
  model: string;
  provider: string;
  requests: number;
  /** In units of 10⁻⁸ dollars. */
  units: bigint;
}

const REPORTS = 18;
const NOW = Date.now();
const FIRST_HOUR = Math.floor(NOW / HOUR_MS) * HOUR_MS - 71 * HOUR_MS;
const dollars = (units: bigint) => `${units / 100_000_000n}.${String(units % 100_000_000n).padStart(8, "0")}`;
const sum = (rows: Usage[]) => dollars(rows.reduce((total, row) => total + row.units, 0n));

describe("what orchestrators report of their usage", () => {
  let stack: Stack;
  const sent: Usage[] = [];
  const sockets: RawClient[] = [];

  beforeAll(async () => {
    stack = await startStack();
    for (const [id, organization] of Object.entries(FLEET)) {
      await stack.register(id, organization);
      const socket = await openSession(`${stack.controller.wsUrl}/ws`, id);
      sockets.push(socket);
      for (let index = 0; index < REPORTS; index++) await report(socket, id, organization, index);
    }
    // Acknowledged means that the object has stored it; Postgres follows.
    await eventually(async () => {
      const [row] = await stack.database.query("SELECT count(*)::int AS count FROM usage_reports");
      expect(row?.count).toBe(REPORTS * sockets.length);
    });
  });

  afterAll(async () => {
    for (const socket of sockets) socket.kill();
    await stack?.stop();
  });

  /** Every fifth report comes twice. */
  async function report(socket: RawClient, id: string, organization: string, index: number): Promise<void> {
    const hour = FIRST_HOUR + ((index * 7 + id.length) % 72) * HOUR_MS;
    const items = MODELS.map((model, place) => ({
      ...model,
      requests: index + place,
      input_tokens: 100 * index,
      output_tokens: 10 * place,
      cost_usd: Number(((index + 1) * 0.0001 + place * 0.00000003).toFixed(8)),
    }));
    const data = {
      report_id: `report-${index}`,
      window_start: new Date(hour + 60_000).toISOString(),
      window_end: new Date(hour + 120_000).toISOString(),
      items,
    };
    for (let round = 0; round < (index % 5 === 0 ? 2 : 1); round++) {
      socket.send({ type: "usage_report", data });
      await socket.next("usage_ack");
    }
    for (const { requests, cost_usd, ...rest } of items) {
      const { model = "", provider = "" } = rest as { model?: string; provider?: string };
      const units = BigInt(Math.round(cost_usd * 1e8));
      sent.push({ organization, hour, model, provider, requests, units });
    }
  }

  const costs = async (query: string) => {
    const { status, body, text } = await stack.controller.call("GET", `/api/v1/controller/costs?${query}`);
    expect(status, text).toBe(200);
    return body.data ?? {};
  };

  it.each(["hour", "day", "week", "month"])("is summed by %s", async (granularity) => {
    const data = await costs(`granularity=${granularity}`);
    expect(data.total_cost_usd).toBe(sum(sent));
    const points = asList(data.history);
    const bounds = points.map((point) => Date.parse(String(point.date)));
    for (const [index, point] of points.entries()) {
      const [from, to] = [bounds[index] ?? 0, bounds[index + 1] ?? Number.POSITIVE_INFINITY];
      const own = sent.filter(({ hour }) => hour >= from && hour < to);
      expect(point, String(point.date)).toMatchObject({
        cost_usd: sum(own),
        requests: own.reduce((total, { requests }) => total + requests, 0),
      });
    }
  });

  it.each(["organization", "model", "provider"] as const)("is grouped by %s", async (group) => {
    const groups = asList((await costs(`group_by=${group}`)).groups);
    const expected = [...Map.groupBy(sent, (row) => row[group])].map(([key, rows]) => [key, sum(rows)]);
    expect(Object.fromEntries(groups.map(({ key, cost_usd }) => [String(key), cost_usd]))).toEqual(
      Object.fromEntries(expected),
    );
  });

  it("is narrowed to organizations and to days", async () => {
    const ofDelta = sent.filter(({ organization }) => organization === "delta");
    expect((await costs("organization_ids=delta")).total_cost_usd).toBe(sum(ofDelta));
    const day = new Date(FIRST_HOUR + 24 * HOUR_MS).toISOString().slice(0, 10);
    const ofDay = sent.filter(({ hour }) => new Date(hour).toISOString().startsWith(day));
    expect(ofDay.length).toBeGreaterThan(0);
    expect((await costs(`start_date=${day}&end_date=${day}`)).total_cost_usd).toBe(sum(ofDay));
  });

  it("makes the same totals in the overview", async () => {
    const { body } = await stack.controller.call("GET", "/api/v1/controller/overview");
    expect(body.data).toMatchObject({
      total_cost_usd: sum(sent),
      total_requests: sent.reduce((total, { requests }) => total + requests, 0),
      total_organizations: 2,
      total_orchestrators: 3,
      total_users: 0,
    });
  });
});
