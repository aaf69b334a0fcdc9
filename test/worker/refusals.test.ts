import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { FleetRpc } from "../../worker/contract/rpc.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { eventually } from "../support/eventually.ts";
import { firstToken, listed, tokensOf } from "./agent-token-calls.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client, fleetStub, orchestratorRpc, upgrade } from "./client.ts";
import { ADDRESS, auditOf, FROM, itemsOf, linesOf, seen } from "./refusal-views.ts";
import { sessionOf } from "./session.ts";
import { TestViewer } from "./viewer.ts";

async function knock(id: string): Promise<Client> {
  const client = await Client.open(`/ws/${id}`, FROM);
  client.send({ type: "handshake", data: { orchestrator_id: id, metadata: { hostname: "h" } } });
  await client.untilClosed(4404);
  return client;
}

async function tokenOf(id: string): Promise<string> {
  const answer = await call("POST", `${INTERNAL}/orchestrators/register`, { body: { orchestrator_id: id } });
  return answer.body.agent_token;
}

describe("an orchestrator that was deregistered and keeps connecting", () => {
  it("B23: is one entry, one line and one audit row, with reason, address, count and since when", async () => {
    const id = "ref-gone";
    await register(id);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const before = new Date().toISOString();
    const clients = [await knock(id), await knock(id), await knock(id), await knock(id)];
    expect(JSON.stringify(clients[0]?.frames[0])).toContain("Register it again");
    await eventually(async () => expect(await itemsOf(id)).toMatchObject([{ count: 4 }]), { timeoutMs: 30_000 });
    const [item] = await itemsOf(id);
    expect(item).toMatchObject({
      kind: "refused",
      severity: "medium",
      organization_id: id,
      refusal: { reason: "deregistered", address: ADDRESS },
    });
    expect((item?.since ?? "") >= before).toBe(true);
    expect((item?.refusal?.last_at ?? "") > (item?.since ?? "")).toBe(true);
    expect(await linesOf(id)).toEqual([`[C-OCS] Connection as ${id} from ${ADDRESS} refused: it was deregistered`]);
    await eventually(async () =>
      expect(await auditOf(id)).toMatchObject([{ organization_id: id, ip: ADDRESS, after: { code: "deregistered" } }]),
    );
  });

  it("B23 sibling: has its line also in the live log of those who may see its organization", async () => {
    const id = "ref-live";
    await register(id);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const own = await TestViewer.open({ shard: fleetStub(id), organizations: [id] });
    const other = await TestViewer.open({ shard: fleetStub(id), organizations: ["ref-else"] });
    for (const viewer of [own, other]) viewer.send({ type: "watch", orchestrator_ids: [], logs: true });
    await knock(id);
    const linesAt = (viewer: TestViewer) => viewer.of("logs").flatMap(({ lines }) => lines);
    await eventually(() =>
      expect(linesAt(own).map(({ message }) => message)).toContain(
        `[C-OCS] Connection as ${id} from ${ADDRESS} refused: it was deregistered`,
      ),
    );
    expect(linesAt(other).filter(({ orchestrator_id }) => orchestrator_id === id)).toEqual([]);
    expect(linesAt(own).filter((line) => "organizationId" in line)).toEqual([]);
    own.close();
    other.close();
  });

  it("B23: is admitted with one call, and begins anew", async () => {
    const id = "ref-back";
    await register(id, { name: "Old name", metadata: { rack: "7" } });
    const message = { message_type: "recommendation", content: "an old message" };
    expect((await call("POST", `${INTERNAL}/orchestrators/${id}/messages`, { body: message })).status).toBe(200);
    const free = { body: { is_independent: true } };
    expect((await call("PUT", `${INTERNAL}/orchestrators/${id}/independence`, free)).status).toBe(200);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    await knock(id);
    await eventually(async () => expect(await itemsOf(id)).toHaveLength(1));
    await register(id);
    expect(await itemsOf(id)).toEqual([]);
    const client = await Client.connect(id);
    await client.until("provisioning", 1);
    expect(client.frames.filter(({ type }) => type === "recommendation" || type === "message")).toEqual([]);
    expect(await orchestratorRpc(id).describe()).toMatchObject({
      view: { isIndependent: false, privacyMode: false, generation: 2, configState: "none" },
      profile: { name: null },
      beats: { minutes: [], recent: [] },
    });
    const types = (await orchestratorRpc(id).activity(50))?.map(({ type }) => type).sort();
    expect(types).toEqual(["handshake", "provision"]);
    const messages = await call("GET", `${INTERNAL}/orchestrators/${id}/messages`);
    expect(messages.body.total_count).toBe(0);
  });

  it("B23: keeps its tokens when it is admitted again, and is told what to do until then", async () => {
    const id = "ref-token";
    const token = await tokenOf(id);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const refused = await upgrade("/ws", { Authorization: `Bearer ${token}`, ...FROM });
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain("Have it registered again");
    await eventually(async () => expect(await itemsOf(id)).toMatchObject([{ refusal: { reason: "deregistered" } }]));
    const body = { orchestrator_id: id, readmit: true };
    const admitted = await call("POST", `${INTERNAL}/orchestrators/register`, { body });
    expect(admitted.body).toMatchObject({ created: true });
    expect(admitted.body.agent_token).toBeUndefined();
    const client = await Client.connectWith(token, id);
    expect(client.closeCode).toBeNull();
  });

  it("B23 sibling: has new tokens only when it is registered without that", async () => {
    const id = "ref-fresh";
    const token = await tokenOf(id);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    expect(await tokenOf(id)).toMatch(/^mca_/);
    expect((await upgrade("/ws", { Authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it("B23 sibling: has its tokens back only in the organization that it was deregistered from", async () => {
    const id = "ref-moved";
    const token = await firstToken(id, "ref-left");
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const body = { orchestrator_id: id, organization_id: "ref-other", readmit: true };
    const bearer = await sessionOf("admin", ["ref-other"]);
    const admitted = await call("POST", `${INTERNAL}/orchestrators/register`, { body, bearer });
    expect(admitted.body).toMatchObject({ organization_id: "ref-other", created: true });
    expect(admitted.body.agent_token).toMatch(/^mca_/);
    expect((await upgrade("/ws", { Authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await Client.connectWith(admitted.body.agent_token, id)).closeCode).toBeNull();
    const lines = await call("GET", `${INTERNAL}/logs?q=${id}&limit=100`, { bearer });
    expect(lines.body.logs.map(({ message }: { message: string }) => message)).not.toContain(
      `Cleaned up connection for ${id}`,
    );
    const former = await call("GET", `${INTERNAL}/logs?q=${id}&limit=100`, {
      bearer: await sessionOf("admin", ["ref-left"]),
    });
    expect(former.body.logs.map(({ message }: { message: string }) => message)).toContain(
      `Cleaned up connection for ${id}`,
    );
  });

  it("B23 sibling: comes back to where it was when nobody names an organization", async () => {
    const id = "ref-same";
    const token = await firstToken(id, "ref-home");
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const body = { orchestrator_id: id, readmit: true };
    const admitted = await call("POST", `${INTERNAL}/orchestrators/register`, { body });
    expect(admitted.body).toMatchObject({ organization_id: "ref-home", created: true });
    expect((await Client.connectWith(token, id)).closeCode).toBeNull();
  });

  it("B23 sibling: has a new token when none of the old ones can count again", async () => {
    const never = await call("POST", `${INTERNAL}/orchestrators/register`, {
      body: { orchestrator_id: "ref-never", readmit: true },
    });
    expect(never.body.agent_token).toMatch(/^mca_/);
    const id = "ref-revoked";
    await register(id);
    const [{ key_id }] = await listed(id);
    expect((await call("DELETE", `${tokensOf(id)}/${key_id}`)).status).toBe(200);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const body = { orchestrator_id: id, readmit: true };
    const admitted = await call("POST", `${INTERNAL}/orchestrators/register`, { body });
    expect(admitted.body.agent_token).toMatch(/^mca_/);
  });

  it("B23 sibling: the tokens that count again are listed, can be revoked, and the audit tells of them", async () => {
    const id = "ref-listed";
    const token = await tokenOf(id);
    const [before] = await listed(id);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const body = { orchestrator_id: id, readmit: true };
    await call("POST", `${INTERNAL}/orchestrators/register`, { body });
    expect(await listed(id)).toEqual([before]);
    const rows = await call("GET", `${CONTROLLER}/audit?target=${id}&action=credential.readmit`);
    expect(rows.body.data.items).toMatchObject([{ actor: "user:development", after: { key_ids: [before.key_id] } }]);
    const client = await Client.connectWith(token, id);
    expect((await call("DELETE", `${tokensOf(id)}/${before.key_id}`)).status).toBe(200);
    await client.untilClosed(4401);
  });

  it("B23 sibling: is seen also when it sends heartbeats over HTTP", async () => {
    const id = "ref-http";
    await register(id);
    await call("DELETE", `${INTERNAL}/orchestrators/${id}/deregister`);
    const beat = { body: { orchestrator_id: id }, headers: FROM };
    expect((await call("POST", `${INTERNAL}/orchestrators/heartbeat`, beat)).status).toBe(404);
    expect(await itemsOf(id)).toMatchObject([{ refusal: { reason: "deregistered", address: ADDRESS } }]);
  });
});

describe("other refused connections", () => {
  it("B23 sibling: a token that is not valid, revoked or mistyped", async () => {
    const known = await tokenOf("ref-wrong");
    const guess = newToken("agent", "ref-wrong").text;
    expect((await upgrade("/ws", { Authorization: `Bearer ${guess}`, ...FROM })).status).toBe(401);
    await seen("ref-wrong", "wrong_token");
    await tokenOf("ref-typo");
    const typo = `mca_ref-typo.${known.split(".").at(-1)}`;
    expect((await upgrade("/ws", { Authorization: `Bearer ${typo}`, ...FROM })).status).toBe(401);
    await seen("ref-typo", "wrong_token");
  });

  it("B23 sibling: it leaves when the orchestrator gets in", async () => {
    const token = await tokenOf("ref-mended");
    const guess = newToken("agent", "ref-mended").text;
    await upgrade("/ws", { Authorization: `Bearer ${guess}`, ...FROM });
    await seen("ref-mended", "wrong_token");
    await Client.connectWith(token, "ref-mended");
    await eventually(async () => expect(await itemsOf("ref-mended")).toEqual([]));
  });

  it("B23 sibling: the token, the handshake or a frame of another orchestrator", async () => {
    const token = await tokenOf("ref-one");
    await register("ref-two");
    expect((await upgrade("/ws/ref-two", { Authorization: `Bearer ${token}`, ...FROM })).status).toBe(401);
    await seen("ref-two", "wrong_id");
    const client = await Client.open("/ws", { Authorization: `Bearer ${token}`, ...FROM });
    client.send({ type: "handshake", data: { orchestrator_id: "ref-two", metadata: {} } });
    await client.untilClosed(4403);
    await seen("ref-one", "wrong_id");
  });

  it("B23 sibling: no handshake that can be read", async () => {
    await register("ref-noise");
    const client = await Client.open("/ws/ref-noise", FROM);
    for (let index = 0; index < 7; index++) client.send({ type: "i_am_alive" });
    await client.untilClosed(4400);
    await seen("ref-noise", "bad_handshake");
  });

  it("B23 sibling: connecting too often", async () => {
    await register("ref-often");
    const statuses: number[] = [];
    while (statuses.at(-1) !== 429 && statuses.length < 200) {
      const { status, webSocket } = await upgrade("/ws/ref-often", FROM);
      webSocket?.accept();
      webSocket?.close();
      statuses.push(status);
    }
    expect(statuses.at(-1)).toBe(429);
    await seen("ref-often", "rate_limited");
  });

  it("B23 sibling: an id that nobody knows is shown to those who see everything, and grows nothing", async () => {
    const guess = newToken("agent", "ref-nobody").text;
    await upgrade("/ws", { Authorization: `Bearer ${guess}`, ...FROM });
    await seen("ref-nobody", "wrong_token", "medium");
    const bound = await sessionOf("admin", ["ref-one"]);
    expect(await itemsOf("ref-nobody", bound)).toEqual([]);
    expect(await itemsOf("ref-gone", bound)).toEqual([]);
  });

  it("B23 sibling: made-up ids neither fill the log nor have a row each in the audit", async () => {
    const shard = env.FLEET.getByName("strangers") as unknown as FleetRpc;
    const address = "203.0.113.77";
    const at = Date.now();
    for (let index = 0; index < 60; index++) {
      const source = { orchestratorId: `ref-made-up-${index}`, organizationId: null, address };
      await shard.refused([{ ...source, reason: "wrong_token", count: 1, since: at, lastAt: at }]);
    }
    const query = { q: null, level: null, limit: 100, organizations: null };
    const messages = (await shard.logs(query)).lines.map(({ message }) => message);
    expect(messages).toHaveLength(11);
    expect(messages[0]).toContain("further unknown ids");
    const answer = await call("GET", `${CONTROLLER}/audit?q=${address}&page_size=100`);
    const targets = answer.body.data.items.map(({ target_id }: { target_id: string }) => target_id);
    expect(targets.filter((id: string) => id.startsWith("ref-made-up"))).toHaveLength(5);
    expect(targets.filter((id: string) => id === "several names")).toHaveLength(1);
    // One from another address is told all the same, and so is one that belongs to somebody.
    const stranger = { orchestratorId: "ref-lonely", organizationId: null, address: "203.0.113.78" };
    await shard.refused([{ ...stranger, reason: "wrong_token", count: 1, since: at, lastAt: at }]);
    expect((await shard.logs({ ...query, q: "ref-lonely" })).total).toBe(1);
    for (let index = 60; index < 400; index++) {
      const source = { orchestratorId: `ref-made-up-${index}`, organizationId: null, address };
      await shard.refused([{ ...source, reason: "wrong_token", count: 1, since: at, lastAt: at + index }]);
    }
    expect((await shard.refusals(null)).map(({ orchestratorId }) => orchestratorId)).toContain("ref-lonely");
    const known = { orchestratorId: "ref-known", organizationId: "ref-known", address };
    await shard.refused([{ ...known, reason: "deregistered", count: 1, since: at, lastAt: at }]);
    expect((await shard.logs({ ...query, q: "ref-known" })).total).toBe(1);
  });

  it("B23 sibling: without any id the refusal is in the audit", async () => {
    const headers = { Authorization: "Bearer mca_nothing", "CF-Connecting-IP": "203.0.113.99" };
    expect((await upgrade("/ws", headers)).status).toBe(401);
    await eventually(async () => {
      const answer = await call("GET", `${CONTROLLER}/audit?q=203.0.113.99`);
      expect(answer.body.data.items).toMatchObject([{ action: "access.denied", target_id: "GET /ws" }]);
    });
  });
});
