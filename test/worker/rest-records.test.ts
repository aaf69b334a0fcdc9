import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { database } from "../../worker/db/client.ts";
import {
  activityLogs,
  orchestratorInstances,
  orchestratorMessages,
  organizations,
  usageHourly,
} from "../../worker/db/schema.ts";
import { CONTROLLER, call, INTERNAL } from "./api.ts";
import { sessionOf } from "./session.ts";

const MESSAGES = `${INTERNAL}/messages`;
const AUDIT = `${CONTROLLER}/audit`;
const COSTS = `${CONTROLLER}/costs`;

const minute = (number: number) => new Date(Date.UTC(2025, 5, 1, 12, number));

interface Row {
  id: string;
}

async function insertMessages(rows: { id: string; orchestratorId: string; createdAt: Date; content: string }[]) {
  await database(env)
    .insert(orchestratorMessages)
    .values(rows.map((row) => ({ ...row, messageType: "recommendation", direction: "inbound" }) as const));
}

beforeAll(async () => {
  const db = database(env);
  await db.insert(organizations).values([
    { organizationId: "rec-a", name: "Records A" },
    { organizationId: "rec-b", name: "Records B" },
    { organizationId: "rec-walk", name: "Records walked" },
  ]);
  await db.insert(orchestratorInstances).values([
    { orchestratorId: "rec-a", organizationId: "rec-a", name: "Gate A" },
    { orchestratorId: "rec-b", organizationId: "rec-b", status: "independent", isIndependent: true },
    { orchestratorId: "rec-walk", organizationId: "rec-walk" },
  ]);
  const message = (number: number, orchestratorId = "rec-a") => ({
    id: `msg_rec_${number}`,
    orchestratorId,
    // Two of a kind share their moment, so that the id has to tell them apart.
    createdAt: minute(Math.floor(number / 2)),
    content: number === 3 ? "Raise the 50% limit_of tokens" : `message ${number}`,
  });
  await insertMessages([...[0, 1, 2, 3, 4, 5].map((number) => message(number)), message(6, "rec-b")]);
  const entry = (number: number, action: string, actor: string, organizationId: string | null) => ({
    at: minute(number),
    action,
    actor,
    organizationId,
    targetType: "organization",
    targetId: organizationId ?? "none",
    ip: `198.51.100.${number}`,
  });
  await db
    .insert(activityLogs)
    .values([
      entry(1, "rec.update", "user:rec-ada", "rec-a"),
      entry(2, "rec.update", "user:rec-ada", "rec-b"),
      entry(3, "rec.delete", "user:rec-bob", "rec-b"),
      entry(4, "recorded", "user:rec-bob", "rec-a"),
    ]);
  const usage = (orchestratorId: string, hour: string, model: string, costUsd: string) => ({
    organizationId: "rec-a",
    orchestratorId,
    hour: new Date(hour),
    model,
    costUsd,
    requests: 3,
    inputTokens: 7,
    outputTokens: 2,
  });
  await db
    .insert(usageHourly)
    .values([
      usage("rec-a", "2024-03-11T05:00:00Z", '=cmd("x")', "0.5"),
      usage("rec-a", "2024-03-11T09:00:00Z", '=cmd("x")', "0.25"),
      usage("rec-x", "2024-03-12T05:00:00Z", "small", "2"),
      usage("rec-x", "2024-03-09T05:00:00Z", "small", "1.5"),
    ]);
});

describe("messages", () => {
  const read = async (query: string, bearer?: string) => {
    const answer = await call("GET", `${MESSAGES}?${query}`, { ...(bearer && { bearer }) });
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  };
  const ids = (body: { messages: Row[] }) => body.messages.map(({ id }) => id);

  it("tell who sent them", async () => {
    const { messages } = await read("organization_id=rec-a&limit=1");
    expect(messages[0]).toMatchObject({
      orchestrator_name: "Gate A",
      organization_id: "rec-a",
      organization_name: "Records A",
      is_independent: false,
    });
    const hidden = await read("organization_id=rec-b");
    expect(hidden).toMatchObject({ messages: [], total_count: 0, next_cursor: null });
    const shown = await read("organization_id=rec-b&include_independent=true");
    expect(shown.messages[0]).toMatchObject({ orchestrator_name: null, is_independent: true });
  });

  it("are found by moment and content", async () => {
    const found = async (query: string) => ids(await read(`organization_id=rec-a&${query}`));
    expect(await found("since=2025-06-01T12:02:00Z")).toEqual(["msg_rec_5", "msg_rec_4"]);
    expect(await found("until=2025-06-01T12:01:00Z")).toEqual(["msg_rec_1", "msg_rec_0"]);
    expect(await found("until=2025-06-01&since=2025-06-01")).toHaveLength(6);
    expect(await found("q=50%25%20LIMIT_OF")).toEqual(["msg_rec_3"]);
    expect(await found("q=5_%25")).toEqual([]);
  });

  it("are walked by cursor, whatever arrives meanwhile", async () => {
    const walked = (id: string, at: number) => {
      return { id: `msg_walk_${id}`, orchestratorId: "rec-walk", createdAt: minute(at), content: id };
    };
    // Two of a kind share their moment here as well.
    await insertMessages([0, 1, 2, 3, 4, 5].map((number) => walked(String(number), Math.floor(number / 2))));
    const query = "organization_id=rec-walk&until=2025-06-01&limit=2";
    const first = await read(query);
    expect(ids(first)).toEqual(["msg_walk_5", "msg_walk_4"]);
    await insertMessages([walked("9", 30), walked("0a", 0)]);
    const second = await read(`${query}&cursor=${first.next_cursor}`);
    expect(ids(second)).toEqual(["msg_walk_3", "msg_walk_2"]);
    const third = await read(`${query}&cursor=${second.next_cursor}`);
    expect(ids(third)).toEqual(["msg_walk_1", "msg_walk_0a"]);
    const last = await read(`${query}&cursor=${third.next_cursor}`);
    expect(ids(last)).toEqual(["msg_walk_0"]);
    expect(last).toMatchObject({ next_cursor: null, total_count: 8 });
    const ofOne = (await call("GET", `${INTERNAL}/orchestrators/rec-walk/messages?limit=7`)).body;
    const rest = `${INTERNAL}/orchestrators/rec-walk/messages?limit=7&cursor=${ofOne.next_cursor}`;
    expect(ids((await call("GET", rest)).body)).toEqual(["msg_walk_0"]);
    expect((await call("GET", `${MESSAGES}?cursor=yesterday`)).status).toBe(422);
  });

  it("stay with those who may see them", async () => {
    const bearer = await sessionOf("viewer", ["rec-b"]);
    expect(await read("q=message&include_independent=true", bearer)).toMatchObject({ total_count: 1 });
    expect(await read("organization_id=rec-a", bearer)).toMatchObject({ total_count: 0, next_cursor: null });
  });
});

describe("the audit", () => {
  it("is searched in what stands there for people", async () => {
    const found = async (q: string) =>
      (await call("GET", `${AUDIT}?action=rec&q=${q}`)).body.data.items.map((row: { action: string }) => row.action);
    expect(await found("rec-ADA")).toEqual(["rec.update", "rec.update"]);
    expect(await found("198.51.100.3")).toEqual(["rec.delete"]);
    expect(await found("nothing-like-it")).toEqual([]);
  });

  it("has facets, each with every filter but its own", async () => {
    const read = async (query: string, bearer?: string) =>
      (await call("GET", `${AUDIT}/facets?${query}`, { ...(bearer && { bearer }) })).body.data;
    expect(await read("actor=rec-ada&action=rec")).toEqual({
      actions: [{ value: "rec.update", count: 2 }],
      actors: [
        { value: "user:rec-ada", count: 2 },
        { value: "user:rec-bob", count: 1 },
      ],
    });
    const bound = await read("actor=rec-&from=2025-06-01&to=2025-06-01", await sessionOf("admin", ["rec-b"]));
    expect(bound.actions).toEqual([
      { value: "rec.delete", count: 1 },
      { value: "rec.update", count: 1 },
    ]);
    expect((await call("GET", `${AUDIT}/facets`, { bearer: await sessionOf("operator", null) })).status).toBe(403);
  });
});

describe("costs", () => {
  const PERIOD = "start_date=2024-03-11&end_date=2024-03-12&organization_ids=rec-a";

  it("stand beside the period before, and come by orchestrator", async () => {
    const { data } = (await call("GET", `${COSTS}?${PERIOD}&group_by=orchestrator`)).body;
    expect(data).toMatchObject({
      total_cost_usd: "2.75000000",
      previous: {
        start_date: "2024-03-09T00:00:00.000Z",
        end_date: "2024-03-11T00:00:00.000Z",
        total_cost: 1.5,
        total_cost_usd: "1.50000000",
        total_requests: 3,
      },
    });
    expect(data.groups.map((group: { key: string; cost: number }) => [group.key, group.cost])).toEqual([
      ["rec-x", 2],
      ["rec-a", 0.75],
    ]);
  });

  it("are exported as CSV that no spreadsheet runs", async () => {
    const answer = await call("GET", `${COSTS}?${PERIOD}&group_by=model&format=csv`);
    expect(answer.headers.get("Content-Type")).toContain("text/csv");
    expect(answer.headers.get("Content-Disposition")).toBe('attachment; filename="costs-2024-03-11.csv"');
    expect(answer.text.split("\r\n")).toEqual([
      "\ufeffdate_utc,model,cost_usd,requests,input_tokens,output_tokens",
      `2024-03-11,"'=cmd(""x"")",0.75000000,6,14,4`,
      "2024-03-12,small,2.00000000,3,7,2",
      "# complete: 2 of 2 rows,,,,,",
      "",
    ]);
    const foreign = await call("GET", `${COSTS}?${PERIOD}&format=csv`, {
      bearer: await sessionOf("viewer", ["rec-b"]),
    });
    expect(foreign.text.split("\r\n").slice(1)).toEqual(["# complete: 0 of 0 rows,,,,,", ""]);
  });
});
