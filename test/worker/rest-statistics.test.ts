import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { usageHourly } from "../../worker/db/schema.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";
import { sessionOf } from "./session.ts";

const PERIOD = "start_date=2025-03-01&end_date=2025-03-31";
const costs = async (query: string, bearer?: string) =>
  (await call("GET", `${CONTROLLER}/costs?${query}`, { ...(bearer && { bearer }) })).body.data;

afterEach(() => {
  vi.useRealTimers();
});

beforeAll(async () => {
  const row = (organizationId: string, hour: string, model: string, costUsd: string) => ({
    organizationId,
    orchestratorId: organizationId,
    hour: new Date(hour),
    model,
    provider: "acme",
    requests: 2,
    inputTokens: 10,
    outputTokens: 5,
    costUsd,
  });
  await database(env)
    .insert(usageHourly)
    .values([
      row("cost-a", "2025-03-01T00:00:00Z", "small", "0.10000000"),
      row("cost-a", "2025-03-01T23:00:00Z", "large", "0.20000000"),
      row("cost-a", "2025-03-31T23:00:00Z", "large", "100000000.00000001"),
      row("cost-b", "2025-03-02T05:00:00Z", "large", "0.00000001"),
      row("cost-b", "2025-02-28T23:00:00Z", "large", "7"),
      row("cost-b", "2025-04-01T00:00:00Z", "large", "7"),
    ]);
});

describe("costs", () => {
  it("are exact sums of whole days, without gaps", async () => {
    const data = await costs(PERIOD);
    expect(data).toMatchObject({
      granularity: "day",
      group_by: "organization",
      period: { start: "2025-03-01T00:00:00.000Z", end: "2025-04-01T00:00:00.000Z" },
      total_cost_usd: "100000000.30000002",
      total_requests: 8,
      total_input_tokens: 40,
      total_output_tokens: 20,
      forecast: null,
    });
    expect(data.history).toHaveLength(31);
    expect(data.history[0]).toEqual({
      date: "2025-03-01",
      cost: 0.3,
      cost_usd: "0.30000000",
      requests: 4,
      input_tokens: 20,
      output_tokens: 10,
      groups: [{ key: "cost-a", cost: 0.3, cost_usd: "0.30000000", requests: 4 }],
    });
    expect(data.history[2]).toMatchObject({ date: "2025-03-03", cost: 0, groups: [] });
    expect(data.groups.map((group: { key: string }) => group.key)).toEqual(["cost-a", "cost-b"]);
  });

  it.each([
    ["hour", 24, "2025-03-01T23:00:00.000Z"],
    ["day", 1, "2025-03-01"],
    ["week", 1, "2025-02-24"],
    ["month", 1, "2025-03-01"],
  ])("come by %s", async (granularity, points, last) => {
    const { history } = await costs(`start_date=2025-03-01&end_date=2025-03-01&granularity=${granularity}`);
    expect(history).toHaveLength(points);
    expect(history.at(-1).date).toBe(last);
    expect(history.reduce((sum: number, point: { requests: number }) => sum + point.requests, 0)).toBe(4);
  });

  it("are grouped and filtered", async () => {
    const byModel = await costs(`${PERIOD}&group_by=model`);
    expect(byModel.groups.map((group: { key: string }) => group.key)).toEqual(["large", "small"]);
    const byProvider = await costs(`${PERIOD}&group_by=provider&organization_ids=cost-b`);
    expect(byProvider.groups).toEqual([expect.objectContaining({ key: "acme", cost_usd: "0.00000001", requests: 2 })]);
    expect((await call("GET", `${CONTROLLER}/costs?group_by=department`)).status).toBe(422);
    expect((await call("GET", `${CONTROLLER}/costs?start_date=2020-01-01&granularity=hour`)).status).toBe(422);
    expect((await call("GET", `${CONTROLLER}/costs?start_date=2020-13-01`)).status).toBe(422);
  });

  it("show nobody what belongs to others", async () => {
    const bearer = await sessionOf("viewer", ["cost-b"]);
    expect(await costs(PERIOD, bearer)).toMatchObject({ total_cost_usd: "0.00000001" });
    expect(await costs(`${PERIOD}&organization_ids=cost-a`, bearer)).toMatchObject({ total_cost: 0, groups: [] });
  });

  it("forecast the running month", async () => {
    // Ten of thirty days: on a clock that runs, the first hours of a month would change the answer while it is asked for.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2025, 5, 11) });
    const hour = new Date("2025-06-05T07:00:00Z");
    const common = { organizationId: "cost-now", orchestratorId: "cost-now", hour, costUsd: "10" };
    await database(env).insert(usageHourly).values(common);
    const { forecast } = await costs("include_forecast=true&organization_ids=cost-now");
    expect(forecast).toMatchObject({
      month: "2025-06",
      month_to_date_cost: 10,
      end_of_month_cost: 30,
      method: "run_rate",
    });
  });
});

describe("the overview", () => {
  it("is computed from what is there", async () => {
    await register("ov-a", { organization_id: "ov-org" });
    await register("ov-b", { organization_id: "ov-org" });
    const socket = await Client.connect("ov-a");
    await call("POST", `${INTERNAL}/orchestrators/ov-a/messages`, {
      body: { message_type: "monitoring", content: "x" },
    });
    await call("POST", `${INTERNAL}/orchestrators/heartbeat`, {
      body: { orchestrator_id: "ov-b", health_status: "degraded" },
    });
    const bearer = await sessionOf("viewer", ["ov-org", "cost-a"]);
    const read = async () => (await call("GET", `${CONTROLLER}/overview?${PERIOD}`, { bearer })).body.data;
    await eventually(async () => expect((await read()).active_orchestrators).toBe(2));
    expect(await read()).toEqual({
      period: { start: "2025-03-01T00:00:00.000Z", end: "2025-04-01T00:00:00.000Z" },
      start_date: "2025-03-01T00:00:00.000Z",
      end_date: "2025-04-01T00:00:00.000Z",
      total_organizations: 1,
      active_organizations: 1,
      inactive_organizations: 0,
      independent_organizations: 0,
      total_orchestrators: 2,
      active_orchestrators: 2,
      inactive_orchestrators: 0,
      independent_orchestrators: 0,
      total_users: 0,
      pending_messages: 1,
      total_cost: 100000000.30000001,
      total_cost_usd: "100000000.30000001",
      total_requests: 6,
      total_input_tokens: 30,
      total_output_tokens: 15,
      system_health: 75,
    });
    socket.socket.close(1000);
  });
});
