import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { database } from "../../worker/db/client.ts";
import { orchestratorInstances, orchestratorMessages, organizations } from "../../worker/db/schema.ts";
import { CONTROLLER, call, INTERNAL } from "./api.ts";
import { sessionOf } from "./session.ts";

const LIST = `${CONTROLLER}/organizations`;
/** Other test files fill the same database: this text is in the names of these rows alone. */
const OWN = "q=Zebra";

interface Item {
  organization_id: string;
}
const read = async (path: string, query: string, bearer?: string) => {
  const answer = await call("GET", `${LIST}${path}?${OWN}&${query}`, { ...(bearer && { bearer }) });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data;
};
const idsOf = async (query: string, bearer?: string): Promise<string[]> =>
  (await read("", `page_size=100&${query}`, bearer)).items.map((item: Item) => item.organization_id);

beforeAll(async () => {
  const db = database(env);
  const organization = (id: string, day: number, rest: Partial<typeof organizations.$inferInsert>) => ({
    organizationId: id,
    name: `Zebra ${id}`,
    createdAt: new Date(Date.UTC(2025, 0, day)),
    ...rest,
  });
  await db
    .insert(organizations)
    .values([
      organization("ze-a", 1, { status: "active", location: "eu-west", lastSeen: new Date("2025-02-01T10:00:00Z") }),
      organization("ze-b", 2, { status: "inactive", location: "eu-north", lastSeen: new Date("2025-01-15T10:00:00Z") }),
      organization("ze-c", 3, { status: "independent", location: "US_1", lastSeen: new Date("2025-01-20T10:00:00Z") }),
      organization("ze-d", 4, {}),
    ]);
  const instance = (
    orchestratorId: string,
    organizationId: string,
    version: string | null,
    rest: Partial<typeof orchestratorInstances.$inferInsert>,
  ) => ({ orchestratorId, organizationId, metadata: version === null ? {} : { version }, ...rest });
  await db
    .insert(orchestratorInstances)
    .values([
      instance("ze-a", "ze-a", "1.4.1", { status: "active", healthStatus: "healthy", configState: "applied" }),
      instance("ze-a-2", "ze-a", "1.4.10", { status: "active", healthStatus: "degraded", configState: "queued" }),
      instance("ze-b", "ze-b", "1.4.1", { healthStatus: "unhealthy", configState: "failed" }),
      instance("ze-c", "ze-c", null, { status: "independent", isIndependent: true, healthStatus: "unknown" }),
      ...[1, 2, 3, 4, 5, 6].map((number) => instance(`ze-c-${number}`, "ze-c", "2.0", { healthStatus: "healthy" })),
    ]);
  const message = (id: string, orchestratorId: string, status: "pending" | "accepted") => ({
    id,
    orchestratorId,
    status,
    messageType: "recommendation" as const,
    direction: "inbound" as const,
    content: "x",
  });
  await db
    .insert(orchestratorMessages)
    .values([
      message("msg_ze_1", "ze-a", "pending"),
      message("msg_ze_2", "ze-a-2", "pending"),
      message("msg_ze_3", "ze-a-2", "accepted"),
      message("msg_ze_4", "ze-c", "pending"),
    ]);
});

describe("the list of organizations", () => {
  it("tells of each what follows from its orchestrators", async () => {
    const { items, total } = await read("", "");
    expect(total).toBe(4);
    expect(items.map((item: Item) => item.organization_id)).toEqual(["ze-d", "ze-c", "ze-b", "ze-a"]);
    expect(items[3]).toMatchObject({
      orchestrators: 2,
      active_orchestrators: 2,
      orchestrator_ids: ["ze-a", "ze-a-2"],
      worst_health: "degraded",
      config_state: "queued",
      version: null,
      versions: 2,
      pending_messages: 2,
    });
    expect(items[1]).toMatchObject({
      orchestrators: 7,
      orchestrator_ids: ["ze-c", "ze-c-1", "ze-c-2", "ze-c-3", "ze-c-4"],
      worst_health: "unknown",
      config_state: "none",
      version: "2.0",
      versions: 1,
      pending_messages: 0,
    });
    expect(items[0]).toMatchObject({
      orchestrators: 0,
      orchestrator_ids: [],
      worst_health: null,
      config_state: "none",
      version: null,
      versions: 0,
    });
    const detail = (await call("GET", `${LIST}/ze-a`)).body.data;
    expect(detail).toEqual(items[3]);
  });

  it.each([
    ["status=active", ["ze-a"]],
    ["status=active,inactive", ["ze-d", "ze-b", "ze-a"]],
    ["health=unhealthy,unknown", ["ze-c", "ze-b"]],
    ["config=failed", ["ze-b"]],
    ["config=none,queued", ["ze-c", "ze-a"]],
    ["location=EU-*", ["ze-b", "ze-a"]],
    ["location=eu", []],
    ["location=*_1", ["ze-c"]],
    ["location=eu_west", []],
    ["version=1.4.1", ["ze-b", "ze-a"]],
    ["version=1.4.1*&health=degraded", ["ze-a"]],
    ["seen=never", ["ze-d"]],
    ["seen=ever", ["ze-c", "ze-b", "ze-a"]],
    ["seen_after=2025-01-20", ["ze-c", "ze-a"]],
    ["seen_before=2025-01-20T10:00:00Z", ["ze-b"]],
  ])("keeps to %s", async (query, expected) => {
    expect(await idsOf(query)).toEqual(expected);
    const { items } = await read("/ids", query);
    expect(items.map((item: Item) => item.organization_id)).toEqual([...expected].sort());
    expect((await read("/facets", query)).total).toBe(expected.length);
  });

  it.each([
    ["name", ["ze-a", "ze-b", "ze-c", "ze-d"]],
    ["-organization_id", ["ze-d", "ze-c", "ze-b", "ze-a"]],
    ["status", ["ze-a", "ze-b", "ze-d", "ze-c"]],
    ["-health", ["ze-b", "ze-a", "ze-c", "ze-d"]],
    ["health", ["ze-c", "ze-a", "ze-b", "ze-d"]],
    ["last_seen", ["ze-b", "ze-c", "ze-a", "ze-d"]],
    ["-last_seen", ["ze-a", "ze-c", "ze-b", "ze-d"]],
    ["created_at", ["ze-a", "ze-b", "ze-c", "ze-d"]],
    ["location", ["ze-b", "ze-a", "ze-c", "ze-d"]],
  ])("sorts by %s", async (sort, expected) => {
    expect(await idsOf(`sort=${sort}`)).toEqual(expected);
    const pages = await Promise.all([1, 2].map((page) => read("", `sort=${sort}&page_size=2&page=${page}`)));
    expect(pages.flatMap(({ items }) => items.map((item: Item) => item.organization_id))).toEqual(expected);
  });

  it("refuses what is no filter", async () => {
    for (const query of ["status=sleeping", "health=", "sort=hostname", "seen=sometimes", "seen_after=yesterday"]) {
      expect((await call("GET", `${LIST}?${query}`)).status, query).toBe(422);
    }
    expect((await call("GET", `${LIST}/ids?page_size=1001`)).status).toBe(422);
  });

  it("shows nobody what belongs to others", async () => {
    const bearer = await sessionOf("viewer", ["ze-b", "ze-d"]);
    expect(await idsOf("", bearer)).toEqual(["ze-d", "ze-b"]);
    expect((await read("/ids", "", bearer)).items).toEqual([
      { organization_id: "ze-b", orchestrator_ids: ["ze-b"] },
      { organization_id: "ze-d", orchestrator_ids: [] },
    ]);
    expect(await read("/facets", "", bearer)).toMatchObject({ total: 2, version: [{ value: "1.4.1", count: 1 }] });
    expect((await call("GET", `${LIST}/facets`, { bearer: null })).status).toBe(401);
  });
});

describe("facets", () => {
  it("count organizations by each value, with every filter but their own", async () => {
    expect(await read("/facets", "status=active&health=unhealthy")).toEqual({
      total: 0,
      status: { active: 0, inactive: 1, independent: 0 },
      health: { healthy: 1, degraded: 1, unhealthy: 0, unknown: 0 },
      config: { none: 0, queued: 0, sent: 0, applying: 0, applied: 0, unconfirmed: 0, drifted: 0, failed: 0 },
      location: [],
      version: [],
    });
    expect(await read("/facets", "version=1.4.1")).toEqual({
      total: 2,
      status: { active: 1, inactive: 1, independent: 0 },
      health: { healthy: 1, degraded: 1, unhealthy: 1, unknown: 0 },
      config: { none: 0, queued: 1, sent: 0, applying: 0, applied: 1, unconfirmed: 0, drifted: 0, failed: 1 },
      location: [
        { value: "eu-north", count: 1 },
        { value: "eu-west", count: 1 },
      ],
      version: [
        { value: "1.4.1", count: 2 },
        { value: "1.4.10", count: 1 },
        { value: "2.0", count: 1 },
      ],
    });
  });
});

describe("words that stand in the place of an id", () => {
  it.each(["facets", "heartbeats", "ids", "live"])("%s is no id", async (id) => {
    for (const [path, body] of [
      [`${INTERNAL}/orchestrators/register`, { orchestrator_id: id }],
      [`${CONTROLLER}/organizations`, { org_id: id }],
      [`${CONTROLLER}/orchestrator-instances`, { org_id: id }],
    ] as const) {
      const answer = await call("POST", path, { body });
      expect(answer.status, path).toBe(422);
      expect(answer.body.error.details[0].message).toContain("reserved words");
    }
  });

  it("are all those that a route has there", async () => {
    const { app } = await import("../../worker/app.ts");
    const { ID_PATTERN } = await import("../../worker/contract/values/ids.ts");
    const routes = app.routes.filter(({ method }) => method !== "ALL").map(({ path }) => path.split("/"));
    const inPlaceOfIds = routes.flatMap((route) =>
      route.filter((segment, place) => {
        const isSame = (other: string[]) => other.slice(0, place).join("/") === route.slice(0, place).join("/");
        return !segment.startsWith(":") && routes.some((other) => isSame(other) && /_id$/.test(other[place] ?? ""));
      }),
    );
    const open = new Set(inPlaceOfIds.filter((word) => ID_PATTERN.test(word)));
    // POST alone: no route takes an id in their place with that method.
    expect(open).toEqual(new Set(["register", "heartbeat", "join"]));
  });
});
