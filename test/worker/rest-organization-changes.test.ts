import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { MAX_DEREGISTRATIONS } from "../../worker/contract/rpc.ts";
import { database } from "../../worker/db/client.ts";
import { orchestratorInstances } from "../../worker/db/schema.ts";
import { Fleet } from "../../worker/fleet/fleet.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";
import { sessionOf } from "./session.ts";
import { statementOf } from "./statements.ts";

const pathOf = (id: string) => `${CONTROLLER}/organizations/${id}`;
const audited = async (action: string, target: string) =>
  (await call("GET", `${CONTROLLER}/audit?action=${action}&target=${target}`)).body.data.items;

async function createMessages(orchestratorId: string, count: number): Promise<void> {
  const body = { message_type: "monitoring", content: "x" };
  for (let index = 0; index < count; index++) {
    const answer = await call("POST", `${INTERNAL}/orchestrators/${orchestratorId}/messages`, { body });
    expect(answer.status, answer.text).toBe(200);
  }
}

describe("changing an organization", () => {
  it("keeps what is absent, and renames the copies", async () => {
    await register("chg-1", { organization_id: "chg", name: "One", location: "Oslo" });
    const metadata = { plan: "gold" };
    const changed = await call("PUT", pathOf("chg"), { body: { name: "Renamed", metadata } });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body.data).toMatchObject({ organization_id: "chg", name: "Renamed", location: "Oslo", metadata });
    expect((await call("GET", `${CONTROLLER}/orchestrators?organization_id=chg`)).body.data.items[0]).toMatchObject({
      organization_name: "Renamed",
      name: "One",
    });
    const moved = await call("PUT", pathOf("chg"), { body: { location: null } });
    expect(moved.body.data).toMatchObject({ name: "Renamed", location: null, metadata });
    const [last, first] = await audited("organization.update", "chg");
    expect(first).toMatchObject({ before: { name: "One", metadata: {} }, after: { name: "Renamed", metadata } });
    expect(last).toMatchObject({ before: { location: "Oslo" }, after: { location: null } });
  });

  it("is refused to others, for nothing, and for what is not there", async () => {
    await register("chg-2");
    const body = { name: "Mine" };
    expect((await call("PUT", pathOf("chg-none"), { body })).status).toBe(404);
    expect((await call("PUT", pathOf("chg-2"), { body, bearer: await sessionOf("admin", ["chg"]) })).status).toBe(404);
    expect((await call("PUT", pathOf("chg-2"), { body, bearer: await sessionOf("operator", null) })).status).toBe(403);
    for (const wrong of [{}, { name: "" }, { name: null }, { name: "a\nb" }]) {
      expect((await call("PUT", pathOf("chg-2"), { body: wrong })).status, JSON.stringify(wrong)).toBe(422);
    }
    expect((await call("GET", pathOf("chg-2"))).body.data.name).toBe("chg-2");
  });
});

describe("deleting an organization", () => {
  it("deregisters each of its orchestrators and says what went", async () => {
    for (const id of ["del-1", "del-2", "del-3"]) await register(id, { organization_id: "del" });
    const socket = await Client.connect("del-2");
    await createMessages("del-1", 2);
    await createMessages("del-3", 1);
    await call("PUT", `${pathOf("del")}/features`, { body: { features: { cache: true } } });
    const counts = { orchestrators: 3, messages: 3 };
    const impact = (await call("GET", `${pathOf("del")}/impact`)).body.data;
    expect(impact).toEqual({
      organization_id: "del",
      name: "del",
      ...counts,
      connected_orchestrators: 1,
      pending_messages: 3,
      config_revisions: 1,
    });

    const answer = await call("DELETE", pathOf("del"));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.data).toEqual({ organization_id: "del", ...counts, closed_connections: 1 });
    await socket.untilClosed(4404);
    expect((await call("GET", pathOf("del"))).status).toBe(404);
    for (const id of ["del-1", "del-2", "del-3"]) {
      expect((await call("GET", `${CONTROLLER}/orchestrators/${id}`)).status).toBe(404);
      expect(await audited("orchestrator.deregister", id)).toHaveLength(1);
    }
    expect(await audited("organization.delete", "del")).toEqual([
      expect.objectContaining({ before: { name: "del" }, after: { ...counts, closed_connections: 1 } }),
    ]);
    expect((await call("DELETE", pathOf("del"))).status).toBe(404);
  });

  it("takes one without orchestrators, and rows that no object knows of", async () => {
    await call("POST", `${CONTROLLER}/organizations`, { body: { org_id: "del-empty" } });
    expect((await call("DELETE", pathOf("del-empty"))).body.data).toMatchObject({ orchestrators: 0, messages: 0 });
    expect((await call("GET", pathOf("del-empty"))).status).toBe(404);

    await call("POST", `${CONTROLLER}/organizations`, { body: { org_id: "del-row" } });
    await database(env)
      .insert(orchestratorInstances)
      .values({ orchestratorId: "del-row-1", organizationId: "del-row" });
    expect((await call("DELETE", pathOf("del-row"))).body.data).toMatchObject({ orchestrators: 1 });
    expect((await call("GET", `${CONTROLLER}/orchestrators/del-row-1`)).status).toBe(404);
  });

  it("leaves the calls to the shard, no more at a time than the platform allows", async () => {
    const rows = Array.from({ length: MAX_DEREGISTRATIONS + 5 }, (_, index) => ({
      orchestratorId: `del-large-${index}`,
      organizationId: "del-large",
    }));
    await call("POST", `${CONTROLLER}/organizations`, { body: { org_id: "del-large" } });
    await database(env).insert(orchestratorInstances).values(rows);
    const calls = vi.spyOn(Fleet.prototype, "deregister");
    // On a busy machine Postgres may not be through with so many in time: then the rest is asked for again.
    await eventually(async () => expect((await call("DELETE", pathOf("del-large"))).status).toBe(200));
    const asked = calls.mock.calls.map(([ids]) => ids);
    expect(asked[0]).toHaveLength(MAX_DEREGISTRATIONS);
    expect(asked.filter((ids) => ids.length > MAX_DEREGISTRATIONS)).toEqual([]);
    expect(new Set(asked.flat()).size).toBe(rows.length);
    calls.mockRestore();
    expect((await call("GET", pathOf("del-large"))).status).toBe(404);
  });

  it("is refused to others", async () => {
    await register("del-other");
    expect((await call("DELETE", pathOf("del-other"), { bearer: await sessionOf("admin", ["del"]) })).status).toBe(404);
    expect((await call("DELETE", pathOf("del-other"), { bearer: await sessionOf("operator", null) })).status).toBe(403);
    const foreign = await call("GET", `${pathOf("del-other")}/impact`, { bearer: await sessionOf("viewer", ["del"]) });
    expect(foreign.status).toBe(404);
    expect((await call("GET", pathOf("del-other"))).status).toBe(200);
  });

  it("is finished later when Postgres goes away", async () => {
    await register("del-away-1", { organization_id: "del-away" });
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const { fetch } = globalThis;
    let isRead = false;
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
      if (isRead || !statementOf(request).includes('"del-away"')) throw new TypeError("fetch failed");
      // What belongs to the organization is still read.
      isRead = true;
      return await fetch(...request);
    });
    expect((await call("DELETE", pathOf("del-away"))).status).toBe(503);
    fetched.mockRestore();
    expect((await call("GET", `${CONTROLLER}/orchestrators/del-away-1`)).status).toBe(404);
    expect((await call("DELETE", pathOf("del-away"))).body.data).toMatchObject({ orchestrators: 1 });
  });
});

describe("revisions of a configuration", () => {
  it("are listed newest first, and each can be read", async () => {
    await register("rev-1", { organization_id: "rev" });
    const publish = async (body: object, bearer?: string) =>
      await call("PUT", `${pathOf("rev")}/config`, { body, ...(bearer && { bearer }) });
    await publish({ features: { cache: 1 }, expected_revision: 0 });
    await publish({ settings: { timeout: 30 } }, await sessionOf("operator", null));
    const conflict = await publish({ features: {}, expected_revision: 1 });
    expect([conflict.status, conflict.body.error.code]).toEqual([409, "version_conflict"]);

    const { items, total } = (await call("GET", `${pathOf("rev")}/config/revisions`)).body.data;
    expect(total).toBe(2);
    expect(items).toEqual([
      expect.objectContaining({ revision: 2, created_by: "user:operator", is_current: true }),
      expect.objectContaining({ revision: 1, created_by: "user:development", is_current: false }),
    ]);
    const page = (await call("GET", `${pathOf("rev")}/config/revisions?page=2&page_size=1`)).body.data;
    expect(page.items).toEqual([items[1]]);
    const first = await call("GET", `${pathOf("rev")}/config/revisions/1`);
    expect(first.body.data).toEqual({
      organization_id: "rev",
      ...items[1],
      features: { cache: 1 },
      settings: {},
      policies: {},
    });
  });

  it("of others and unknown ones are not found", async () => {
    await register("rev-2");
    const bearer = await sessionOf("viewer", ["rev"]);
    const list = `${pathOf("rev-2")}/config/revisions`;
    expect((await call("GET", list)).body.data.items).toEqual([]);
    expect((await call("GET", list, { bearer })).status).toBe(404);
    expect((await call("GET", `${list}/1`)).status).toBe(404);
    expect((await call("GET", `${pathOf("rev-2")}/config/revisions/first`)).status).toBe(422);
    await call("PUT", `${pathOf("rev-2")}/features`, { body: { features: { a: 1 } } });
    expect((await call("GET", `${list}/1`, { bearer })).status).toBe(404);
    expect((await call("GET", `${list}/1`)).status).toBe(200);
  });
});
