import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";

const messagesOf = (id: string) => `${INTERNAL}/orchestrators/${id}/messages`;
const statusOf = (id: string) => `${INTERNAL}/messages/${id}/status`;

async function create(id: string, content: string, type = "recommendation"): Promise<string> {
  const answer = await call("POST", messagesOf(id), { body: { message_type: type, content } });
  expect(answer.status, answer.text).toBe(200);
  return answer.body.message_id;
}

describe("messages", () => {
  it("are created and listed as documented, in both spellings", async () => {
    await register("msg-doc");
    const metadata = { severity: "medium" };
    const created = await call("POST", messagesOf("msg-doc"), {
      body: { message_type: "recommendation", content: "Enable caching", metadata },
    });
    expect(created.body).toMatchObject({
      success: true,
      message: "Message created successfully",
      message_id: expect.stringMatching(/^msg_[0-9a-f-]{36}$/),
      orchestrator_id: "msg-doc",
      message_type: "recommendation",
      status: "pending",
      pushed: false,
    });
    const { body } = await call("GET", messagesOf("msg-doc"));
    expect(body).toMatchObject({
      success: true,
      message: "Messages retrieved successfully",
      orchestrator_id: "msg-doc",
      total_count: 1,
    });
    expect(body.data).toEqual(body.messages);
    expect(body.messages[0]).toMatchObject({
      id: created.body.message_id,
      organization_id: "msg-doc",
      direction: "outbound",
      content: "Enable caching",
      metadata,
      message_metadata: metadata,
      status: "pending",
      delivered_at: null,
      decided_at: null,
    });
  });

  it("sort by creation, are limited, and all matches are counted", async () => {
    await register("msg-many", { organization_id: "msg-org" });
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) {
      ids.push(await create("msg-many", `no ${index}`, index % 2 ? "monitoring" : "recommendation"));
    }
    const newest = await call("GET", `${messagesOf("msg-many")}?limit=2`);
    expect(newest.body.messages.map((entry: { id: string }) => entry.id)).toEqual(ids.toReversed().slice(0, 2));
    expect(newest.body.total_count).toBe(5);
    const count = async (query: string) => (await call("GET", `${INTERNAL}/messages?${query}`)).body.total_count;
    expect(await count("organization_id=msg-org")).toBe(5);
    expect(await count("orchestrator_id=msg-many&message_type=monitoring")).toBe(2);
    expect(await count("orchestrator_id=msg-many&status=accepted")).toBe(0);
    expect(await count("orchestrator_id=msg-many&direction=inbound")).toBe(0);
  });

  it("are found by the severity in their metadata, however it is written", async () => {
    await register("msg-severe");
    for (const severity of ["High", "high", "low", 3, null]) {
      const body = { message_type: "monitoring", content: "x", metadata: { severity } };
      expect((await call("POST", messagesOf("msg-severe"), { body })).status).toBe(200);
    }
    const count = async (severity: string) =>
      (await call("GET", `${messagesOf("msg-severe")}?severity=${severity}`)).body.total_count;
    expect(await count("high")).toBe(2);
    expect(await count("HIGH")).toBe(2);
    expect(await count("low")).toBe(1);
    expect(await count("medium")).toBe(0);
    expect((await call("GET", `${messagesOf("msg-severe")}?severity=a%20b`)).status).toBe(422);
  });

  it("are decided once, and the orchestrator is told", async () => {
    await register("msg-decide");
    const socket = await Client.connect("msg-decide");
    const id = await create("msg-decide", "Enable caching");
    await socket.until("message", 1);
    const accepted = await call("PUT", statusOf(id), { body: { status: "accepted" } });
    expect(accepted.body).toEqual({
      success: true,
      message: "Message accepted successfully",
      message_id: id,
      status: "accepted",
      orchestrator_id: "msg-decide",
    });
    await socket.until("message_status", 1);
    expect((await call("PUT", statusOf(id), { body: { status: "accepted" } })).status).toBe(200);
    const other = await call("PUT", statusOf(id), { body: { status: "dismissed" } });
    expect(other.status).toBe(409);
    expect(other.body.error.code).toBe("invalid_transition");
    expect((await call("PUT", statusOf(id), { body: { status: "pending" } })).status).toBe(422);
    // Only a frame of the orchestrator shows that it has read the message.
    socket.send({ type: "i_am_alive" });
    await eventually(async () => {
      const { body } = await call("GET", `${messagesOf("msg-decide")}?status=accepted`);
      expect(body.messages[0]).toMatchObject({ id, decided_by: "user:development", status: "accepted" });
      expect(body.messages[0].delivered_at).toEqual(expect.any(String));
    });
  });

  it("of an independent orchestrator are refused and hidden, unless asked for", async () => {
    await register("msg-set-free");
    await create("msg-set-free", "before");
    const independence = `${INTERNAL}/orchestrators/msg-set-free/independence`;
    await call("PUT", independence, { body: { is_independent: true } });
    const refused = await call("POST", messagesOf("msg-set-free"), {
      body: { message_type: "monitoring", content: "x" },
    });
    expect(refused.status).toBe(409);
    expect(refused.body.error.code).toBe("independent");
    for (const path of [`${INTERNAL}/messages?orchestrator_id=msg-set-free&`, `${messagesOf("msg-set-free")}?`]) {
      expect((await call("GET", path)).body).toMatchObject({ messages: [], total_count: 0 });
      expect((await call("GET", `${path}include_independent=true`)).body.total_count).toBe(1);
    }
    await call("PUT", independence, { body: { is_independent: false } });
    expect((await call("GET", messagesOf("msg-set-free"))).body.total_count).toBe(1);
  });

  it("are unknown where the orchestrator is", async () => {
    expect((await call("GET", messagesOf("msg-nobody"))).status).toBe(404);
    const body = { message_type: "monitoring", content: "x" };
    expect((await call("POST", messagesOf("msg-nobody"), { body })).status).toBe(404);
    expect((await call("PUT", statusOf("msg-123"), { body: { status: "accepted" } })).status).toBe(404);
  });

  it.each([
    [{ message_type: "alert", content: "x" }],
    [{ message_type: "monitoring", content: "  " }],
    [{ message_type: "monitoring" }],
    [{ message_type: "monitoring", content: "x", metadata: [] }],
  ])("refuse %j", async (body) => {
    expect((await call("POST", messagesOf("msg-doc"), { body })).status).toBe(422);
  });

  it("B07 sibling: are shown with their secrets masked, told as they were given, and read by their own orchestrator so", async () => {
    const id = "msg-secret";
    const own = (await call("POST", `${INTERNAL}/orchestrators/register`, { body: { orchestrator_id: id } })).body
      .agent_token;
    const secret = "sk-Abc123Def456Ghi789";
    const content = `Rotate ${secret} at https://ada:canary-9a@acme.example/`;
    const metadata = { severity: "high", tokens: 5, api_key: secret, nested: { note: `Bearer ${secret}` } };
    const client = await Client.connect(id);
    client.send({ type: "recommendation", data: { content, metadata } });
    const body = { message_type: "recommendation", content, metadata };
    expect((await call("POST", messagesOf(id), { body })).status).toBe(200);
    const { sessionOf } = await import("./session.ts");
    const viewer = await sessionOf("viewer", null);
    const masked = {
      content: "Rotate sk-… at https://ada:…@acme.example/",
      metadata: { severity: "high", tokens: 5, api_key: "…", nested: { note: "Bearer sk-…" } },
    };
    for (const path of [messagesOf(id), `${INTERNAL}/messages?orchestrator_id=${id}`]) {
      await eventually(async () => {
        const { body } = await call("GET", path, { bearer: viewer });
        const shown = { ...masked, message_metadata: masked.metadata };
        expect(body.data, path).toMatchObject([shown, shown]);
        expect(body.messages).toEqual(body.data);
      });
    }
    expect((await call("GET", messagesOf(id))).body.data).toMatchObject([masked, masked]);
    const { items } = (await call("GET", `${CONTROLLER}/attention?kind=messages&limit=100`, { bearer: viewer })).body
      .data;
    const found = items.find((item: { orchestrator_id: string }) => item.orchestrator_id === id);
    expect(found.detail).toBe(masked.content);
    const read = await call("GET", messagesOf(id), { bearer: own });
    expect(read.body.data).toMatchObject([body, body].map(({ content, metadata }) => ({ content, metadata })));
    await client.until("message", 1);
    const [told] = client.frames.filter(({ type }) => type === "message");
    expect(JSON.stringify(told?.data)).toContain(JSON.stringify(content));
    expect(JSON.stringify(told?.data)).toContain(JSON.stringify(metadata));
  });

  it("B07 sibling: are cut in the attention list after their secrets are masked", async () => {
    const id = "msg-cut";
    await register(id);
    const content = `${"x".repeat(188)} sk-Abc123Def456Ghi789`;
    await create(id, content);
    // The database is that of all test files: the entry may stand on any page.
    let found: { orchestrator_id: string; detail: string } | undefined;
    for (let page = 1, hasMore = true; !found && hasMore; page++) {
      const { body } = await call("GET", `${CONTROLLER}/attention?kind=messages&limit=100&page=${page}`);
      found = body.data.items.find((item: { orchestrator_id: string }) => item.orchestrator_id === id);
      hasMore = body.data.items.length > 0;
    }
    expect(found?.detail).toBe(`${"x".repeat(188)} sk-…`);
  });
});

describe("configuration", () => {
  const configOf = (id: string) => `${CONTROLLER}/organizations/${id}/config`;

  it("merges features per top-level key and pushes them", async () => {
    await register("cfg-a");
    const socket = await Client.connect("cfg-a");
    await socket.until("provisioning", 1);
    const path = `${CONTROLLER}/organizations/cfg-a/features`;
    await call("PUT", path, { body: { features: { cache: { enabled: true, ttl: 5 }, firewall: { enabled: false } } } });
    const { body } = await call("PUT", path, { body: { features: { cache: { enabled: false } } } });
    expect(body.data).toEqual({
      organization_id: "cfg-a",
      features: { cache: { enabled: false }, firewall: { enabled: false } },
      revision: 2,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    // Revisions that follow at once may be told as one, but never an older one after a newer.
    const told = () => socket.frames.flatMap(({ type, revision }) => (type === "provision_config" ? [revision] : []));
    await eventually(() => expect(told().at(-1)).toBe(2));
    expect(told()).toEqual([...new Set(told())].sort());
    await eventually(async () => {
      const { data } = (await call("GET", configOf("cfg-a"))).body;
      expect(data).toMatchObject({ revision: 2, updated_by: "user:development", total_orchestrators: 1 });
      expect(data.orchestrators).toMatchObject([
        { orchestrator_id: "cfg-a", status: "active", connected: true, revision: 2, state: "sent", error: null },
      ]);
    });
  });

  it("replaces the parts that are given, under the expected revision only", async () => {
    await register("cfg-b");
    const put = (body: object) => call("PUT", configOf("cfg-b"), { body });
    const first = await put({ settings: { a: 1 }, policies: { b: 2 } });
    expect(first.body.data).toMatchObject({ settings: { a: 1 }, policies: { b: 2 }, revision: 1 });
    expect((await put({ settings: { c: 3 }, expected_revision: 1 })).body.data).toMatchObject({
      settings: { c: 3 },
      policies: { b: 2 },
      revision: 2,
    });
    const late = await put({ settings: {}, expected_revision: 1 });
    expect(late.status).toBe(409);
    expect(late.body.error.code).toBe("version_conflict");
    expect((await put({ settings: { c: 3 } })).body.data.revision).toBe(2);
    expect((await put({})).status).toBe(422);
    expect((await call("GET", configOf("cfg-nobody"))).status).toBe(404);
    expect((await call("PUT", configOf("cfg-nobody"), { body: { settings: {} } })).status).toBe(404);
  });
});

describe("a frame to send", () => {
  const path = `${INTERNAL}/orchestrators/send-a/send`;
  const frame = { type: "provision_config", data: { features: { cache: { enabled: true } } } };

  it("reaches a connected orchestrator, and never another or none", async () => {
    await register("send-a");
    expect((await call("POST", path, { body: frame })).body.error.code).toBe("not_connected");
    const socket = await Client.connect("send-a");
    await socket.until("provision_config", 1);
    expect((await call("POST", path, { body: frame })).body).toEqual({
      success: true,
      message: "Message sent to send-a successfully",
    });
    await socket.until("provision_config", 2);
    const foreign = { type: "provisioning", data: { orchestrator_id: "send-b" } };
    expect((await call("POST", path, { body: foreign })).status).toBe(422);
    await call("PUT", `${INTERNAL}/orchestrators/send-a/independence`, { body: { is_independent: true } });
    expect((await call("POST", path, { body: frame })).body.error.code).toBe("independent");
    expect((await call("POST", `${INTERNAL}/orchestrators/send-c/send`, { body: frame })).status).toBe(404);
  });
});
