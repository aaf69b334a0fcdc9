import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client, orchestratorRpc, orchestratorStub } from "./client.ts";

const pathOf = (id: string) => `${CONTROLLER}/organizations/${id}`;
const organization = async (id: string) => (await call("GET", pathOf(id))).body.data;
const orchestrator = async (id: string) => (await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data;
const listed = async (id: string) => (await call("GET", `${CONTROLLER}/orchestrators?q=${id}`)).body.data.items[0];
const audited = async (target: string, action?: string) => {
  const filter = action ? `&action=${action}` : "";
  return (await call("GET", `${CONTROLLER}/audit?page_size=100&target=${target}${filter}`)).body.data.items;
};
const put = async (id: string, body: object) => {
  const answer = await call("PUT", pathOf(id), { body });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.data;
};
const provisioned = (client: Client) =>
  client.frames.flatMap(({ type, data }) => (type === "provisioning" ? [data as Record<string, unknown>] : []));

/** What the file of the demo's client says. */
const OWN = { name: "Default Orchestrator", location: "localhost", hostname: "h", version: "1.0.0" };
const REPORTED = { reported_name: "Default Orchestrator", reported_location: "localhost" };

describe("a name and a location", () => {
  it("B30: stay as a person has set them, whatever update_metadata, handshake and heartbeat say", async () => {
    const client = await Client.connect("own-put", OWN);
    await eventually(async () => expect(await organization("own-put")).toMatchObject({ ...OWN_NAMES, ...REPORTED }));
    await put("own-put", { name: "X" });
    client.send({ type: "update_metadata", metadata: { load: "x", name: "Mine", location: "cellar" } });
    await eventually(async () => {
      expect(await organization("own-put")).toMatchObject({
        name: "X",
        // Nobody has set the location.
        location: "cellar",
        reported_name: "Mine",
        metadata: { load: "x" },
      });
    });
    const again = await Client.connect("own-put", { ...OWN, version: "2.0.0", name: "Other" });
    again.send({ type: "keepalive", features: { a: 1 } });
    await eventually(async () => {
      const set = { name: "X", reported_name: "Other", location: "localhost", reported_location: "localhost" };
      expect(await organization("own-put")).toMatchObject(set);
      expect(await orchestrator("own-put")).toMatchObject({ ...set, organization_name: "X", features: { a: 1 } });
      expect(await listed("own-put")).toMatchObject(set);
    });
  });

  it("B30 sibling: stay as a registration has set them, and are what the orchestrator is told", async () => {
    await register("own-reg", { name: "Demo Organization", location: "live-demo" });
    const client = await Client.connect("own-reg", OWN);
    const set = { name: "Demo Organization", location: "live-demo", ...REPORTED };
    await eventually(async () => {
      expect(await organization("own-reg")).toMatchObject(set);
      expect(await orchestrator("own-reg")).toMatchObject(set);
      expect(await listed("own-reg")).toMatchObject(set);
      const live = (await call("GET", `${CONTROLLER}/orchestrators/live`)).body.data.orchestrators["own-reg"];
      expect(live).toMatchObject(set);
    });
    await client.until("provisioning", 1);
    expect(provisioned(client)[0]).toMatchObject({
      name: "Demo Organization",
      location: "live-demo",
      // The Python client merges these.
      metadata: { name: "Demo Organization", location: "live-demo", hostname: "h" },
    });
    // As its own restart with another version, and its own registration over REST, do.
    await Client.connect("own-reg", { ...OWN, version: "1.0.1" });
    await eventually(async () =>
      expect(await organization("own-reg")).toMatchObject({ ...set, metadata: { version: "1.0.1" } }),
    );
  });

  it("B30 sibling: are told at once when a person changes them, and at the next handshake otherwise", async () => {
    await register("own-told", { name: "One" });
    const client = await Client.connect("own-told", OWN);
    await client.until("provisioning", 1);
    await put("own-told", { name: "Two" });
    await client.until("provisioning", 2);
    expect(provisioned(client)[1]).toMatchObject({ name: "Two", location: "localhost" });
    client.socket.close();
    await put("own-told", { name: "Three", location: "Oslo" });
    const again = await Client.connect("own-told", OWN);
    await again.until("provisioning", 1);
    expect(provisioned(again)[0]).toMatchObject({ name: "Three", location: "Oslo" });
    await put("own-told", { location: null });
    await again.until("provisioning", 2);
    expect(provisioned(again)[1]).not.toHaveProperty("location");
    expect(await organization("own-told")).toMatchObject({ location: null, reported_location: "localhost" });
  });

  it("B30 sibling: set by a registration that waited for the database do not replace newer ones", async () => {
    const id = "own-waited";
    await register(id, { name: "A", location: "Bern" });
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const away = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const audit = { actor: "test", ip: null, userAgent: null, requestId: "r" };
    const fields = { name: "B", location: "Rome" };
    const accepted = await orchestratorRpc(id).register({ fields, organizationId: null, audit });
    expect(accepted).toMatchObject({ ok: false, code: "database_unavailable" });
    // Its delivery comes after the change.
    await runInDurableObject(orchestratorStub(id), (_instance, { storage }) => {
      storage.sql.exec("UPDATE outbox SET due_at = ?", Date.now() + 3_600_000);
    });
    away.mockRestore();
    await put(id, { name: "C" });
    expect(await orchestratorRpc(id).setIndependence({ isIndependent: true, audit })).toMatchObject({ ok: true });
    expect(await organization(id)).toMatchObject({ name: "C", location: "Rome" });
    expect(await orchestrator(id)).toMatchObject({ name: "C", location: "Rome" });
    expect((await orchestratorRpc(id).describe())?.profile).toMatchObject({ name: "C", location: "Rome" });
  });

  it("B30 sibling: of an organization made by a person go to the one orchestrator that comes later", async () => {
    await call("POST", `${CONTROLLER}/organizations`, { body: { org_id: "own-made", name: "Made" } });
    const client = await Client.connect("own-made", OWN);
    await eventually(async () => {
      expect(await organization("own-made")).toMatchObject({ name: "Made", ...REPORTED });
      expect(await orchestrator("own-made")).toMatchObject({ name: "Made", ...REPORTED });
      expect(provisioned(client).at(-1)).toMatchObject({ name: "Made" });
    });
  });

  it("B30 sibling: set by a person are not changed by the orchestrator's own registration", async () => {
    await register("own-self", { name: "One" });
    const own = { fields: { name: "Self", metadata: { a: 1 } }, organizationId: null, isOwn: true };
    const audit = { actor: "agent:own-self", ip: null, userAgent: null, requestId: "r" };
    expect(await orchestratorRpc("own-self").register({ ...own, audit })).toMatchObject({ ok: true });
    expect(await organization("own-self")).toMatchObject({ name: "One", reported_name: "Self", metadata: { a: 1 } });
    const [row] = await audited("own-self", "orchestrator.update");
    expect(row).toMatchObject({
      actor: "agent:own-self",
      before: { reported_name: null, metadata: {} },
      after: { reported_name: "Self", metadata: { a: 1 } },
    });
    await register("own-self", { name: "Two" });
    expect(await organization("own-self")).toMatchObject({ name: "Two", reported_name: "Self" });
  });

  it("B30 sibling: metadata that people have set stay, and those of a registration until others are reported", async () => {
    await register("own-meta", { metadata: { site: "A", version: "0" } });
    await put("own-meta", { metadata: { plan: "gold", hostname: "by hand" } });
    await Client.connect("own-meta", OWN);
    await eventually(async () => {
      const { metadata } = await organization("own-meta");
      expect(metadata).toMatchObject({ plan: "gold", hostname: "by hand", site: "A", version: "1.0.0" });
      expect((await orchestrator("own-meta")).metadata).toMatchObject({ hostname: "h", site: "A", version: "1.0.0" });
    });
    await put("own-meta", { metadata: { plan: null } });
    expect((await organization("own-meta")).metadata).not.toHaveProperty("plan");
  });
});

const OWN_NAMES = { name: OWN.name, location: OWN.location };

describe("what an orchestrator changes", () => {
  it("is in the audit with its actor and cause, once for each change and never for a reconnect", async () => {
    await register("own-aud", { name: "One" });
    const client = await Client.connect("own-aud", OWN);
    await eventually(async () => expect(await audited("own-aud", "orchestrator.handshake")).toHaveLength(1));
    client.send({ type: "update_metadata", metadata: { load: 1, note: "x" } });
    await eventually(async () => expect(await audited("own-aud", "orchestrator.update_metadata")).toHaveLength(1));
    client.send({ type: "keepalive", features: { cache: true } });
    await eventually(async () => expect(await audited("own-aud", "orchestrator.heartbeat")).toHaveLength(1));
    await Client.connect("own-aud", { ...OWN, features: { cache: true } });
    await eventually(async () => expect(await audited("own-aud", "orchestrator.handshake")).toHaveLength(2));
    const rows = await audited("own-aud", "orchestrator");
    expect(
      rows.map(({ actor, action, before, after }: Record<string, unknown>) => ({ actor, action, before, after })),
    ).toEqual([
      {
        actor: "agent:own-aud",
        action: "orchestrator.handshake",
        before: { metadata: { load: 1, note: "x" } },
        after: { metadata: {} },
      },
      {
        actor: "agent:own-aud",
        action: "orchestrator.heartbeat",
        before: { features: {} },
        after: { features: { cache: true } },
      },
      {
        actor: "agent:own-aud",
        action: "orchestrator.update_metadata",
        before: { metadata: {} },
        after: { metadata: { load: 1, note: "x" } },
      },
      {
        actor: "agent:own-aud",
        action: "orchestrator.handshake",
        before: { location: null, reported_name: null, reported_location: null, metadata: {} },
        after: { location: "localhost", ...REPORTED, metadata: OWN },
      },
      expect.objectContaining({ action: "orchestrator.register", after: expect.objectContaining({ name: "One" }) }),
    ]);
    // The same once more, and a measurement.
    const last = await Client.connect("own-aud", { ...OWN, features: { cache: true } });
    last.send({ type: "update_metadata", metadata: { load: 2 } });
    last.send({ type: "update_metadata", metadata: { load: 3 } });
    await eventually(async () => expect((await orchestrator("own-aud")).metadata.load).toBe(3));
    expect((await audited("own-aud", "orchestrator.handshake")).length).toBe(2);
  });

  it("has its first appearance in the audit", async () => {
    await Client.connect("own-first", OWN);
    await eventually(async () => {
      expect(await audited("own-first", "orchestrator.register")).toEqual([
        expect.objectContaining({ actor: "agent:own-first", after: expect.objectContaining(REPORTED) }),
      ]);
    });
  });
});

describe("what is stored and told", () => {
  it("B07: is what was registered, bit for bit, whatever its keys are called", async () => {
    const features = {
      signature_check: 3,
      token_limit: 4096,
      secret_detection: "strict",
      password_policy: { min_length: 12, api_key_rotation: "30d" },
      counters: { passwords_seen: 0, authorization: { denied: 7 } },
      upstream: { api_key: "canary-7f3a", url: "https://ada:canary-7f3a@acme.example/" },
    };
    const body = { orchestrator_id: "fw-3", features, session_config: { token: "canary-session" } };
    expect((await call("POST", `${INTERNAL}/orchestrators/register`, { body })).status).toBe(200);
    expect((await call("PUT", `${pathOf("fw-3")}/config`, { body: { settings: { x: 1 } } })).status).toBe(200);
    const client = await Client.connect("fw-3");
    await eventually(() => {
      const told = client.frames.filter(({ type }) => type === "provision_config");
      expect(told.at(-1)?.data).toMatchObject({ features, settings: { x: 1 } });
    });
    const session = { token: "canary-session" };
    for (const told of provisioned(client)) expect(told).toMatchObject({ features, session });
  });

  it("B07 sibling: is what was reported, in either dialect, over REST, and after the row was written again", async () => {
    const told = { signature_check: 3, api_key: "canary-1c9e", nested: { token: "canary-1c9e", token_limit: 5 } };
    const client = await Client.connect("fw-4", { hostname: "h", secrets: told });
    client.send({ type: "update_metadata", metadata: { more: told } });
    client.send({ type: "provisioning_request" });
    await client.until("provisioning", 2);
    expect(provisioned(client)[1]?.metadata).toMatchObject({ secrets: told, more: told });
    client.send({ type: "keepalive", features: told, metrics: { tokens: 5, token_usage: 7, password: 3 } });
    const masked = { signature_check: 3, api_key: "…", nested: { token: "…", token_limit: 5 } };
    await eventually(async () => {
      const seen = await orchestrator("fw-4");
      expect(seen).toMatchObject({ features: masked, metadata: { secrets: masked, more: masked } });
      expect(seen.metrics).toEqual({ tokens: 5, token_usage: 7, password: 3 });
      expect((await listed("fw-4")).features).toEqual(masked);
    });
    // What a viewer saw and sends back destroys nothing.
    const { metadata, features } = await orchestrator("fw-4");
    await register("fw-4", { metadata, features });
    const again = await Client.connect("fw-4");
    await again.until("provisioning", 1);
    expect(provisioned(again)[0]?.metadata).toMatchObject({ secrets: told, more: told });
  });

  it("B07 sibling: refuses to publish the mask that a viewer saw, and shows viewers nothing else", async () => {
    await register("fw-5");
    const settings = { plan: { api_key: "canary-66aa", token_limit: 5 } };
    expect((await call("PUT", `${pathOf("fw-5")}/config`, { body: { settings } })).status).toBe(200);
    const { sessionOf } = await import("./session.ts");
    const bearer = await sessionOf("viewer", null);
    const masked = { plan: { api_key: "…", token_limit: 5 } };
    for (const path of ["", "/config", "/config/revisions/1"]) {
      const seen = await call("GET", `${pathOf("fw-5")}${path}`, { bearer });
      expect(seen.body.data.settings, path).toEqual(masked);
      expect((await call("GET", `${pathOf("fw-5")}${path}`)).body.data.settings, path).toEqual(settings);
    }
    const page = await call("GET", `${CONTROLLER}/organizations?q=fw-5`, { bearer });
    expect(page.text).not.toContain("canary-66aa");
    for (const [kind, body] of [
      ["/config", { settings: masked }],
      ["/features", { features: { token: "…" } }],
      ["", { metadata: { note: "Bearer …" } }],
    ] as const) {
      const refused = await call("PUT", `${pathOf("fw-5")}${kind}`, { body });
      expect(refused.status, kind).toBe(422);
      expect(refused.body.error.details[0]).toMatchObject({ code: "masked" });
    }
    const kept = await call("GET", `${pathOf("fw-5")}/config`);
    expect(kept.body.data.settings).toEqual(settings);
  });

  it("B07 sibling: refuses a mask where a registration or an organization begins, for there is no secret behind it", async () => {
    const masked = { nested: { api_key: "…" } };
    const refused = async (path: string, body: object, at: string) => {
      const answer = await call("POST", path, { body });
      expect(answer.status, answer.text).toBe(422);
      expect(answer.body.error.details).toMatchObject([{ path: at, code: "masked" }]);
    };
    const register = `${INTERNAL}/orchestrators/register`;
    for (const field of ["features", "metadata", "session_config"]) {
      const at = `/body/${field}/nested/api_key`;
      await refused(register, { orchestrator_id: "fw-6", [field]: masked }, at);
      await refused(`${CONTROLLER}/orchestrator-instances`, { org_id: "fw-6", name: "Six", [field]: masked }, at);
    }
    const organizations = `${CONTROLLER}/organizations`;
    for (const field of ["features", "settings", "metadata"]) {
      await refused(organizations, { org_id: "fw-6", [field]: masked }, `/body/${field}/nested/api_key`);
    }
    expect((await call("GET", pathOf("fw-6"))).status).toBe(404);
    // Nor does one stay that stands beside the masks of secrets that are known.
    await call("POST", register, { body: { orchestrator_id: "fw-6", features: { token: "canary-6" } } });
    await refused(
      register,
      { orchestrator_id: "fw-6", features: { token: "…", ...masked } },
      "/body/features/nested/api_key",
    );
    // What was known went with a deregistration.
    expect((await call("DELETE", `${INTERNAL}/orchestrators/fw-6/deregister`)).status).toBe(200);
    await refused(register, { orchestrator_id: "fw-6", features: { token: "…" } }, "/body/features/token");
  });

  it("B07 sibling: drops a mask that an orchestrator sends of itself, and says so", async () => {
    const first = await call("POST", `${INTERNAL}/orchestrators/register`, { body: { orchestrator_id: "fw-7" } });
    const bearer = first.body.agent_token;
    const features = { api_key: "…", level: 3, list: ["a", "Bearer …"] };
    const body = { orchestrator_id: "fw-7", features };
    const answer = await call("POST", `${INTERNAL}/orchestrators/register`, { body, bearer });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.dropped.map(({ path }: { path: string }) => path)).toEqual([
      "features.api_key",
      "features.list.1",
    ]);
    expect((await orchestrator("fw-7")).features).toEqual({ level: 3, list: ["a"] });
  });
});
