import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { beat, type Frame, handshake, openSession, RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const withData = (data: unknown): string => JSON.stringify({ type: "handshake", service: "orchestrator", data });
const monitoring = (content: string): string => `{"type":"monitoring_report","data":{"content":${content}}}`;
const tooLarge = JSON.stringify({ type: "monitoring_report", pad: "x".repeat(64 * 1024) });
const tooLargeInBytes = JSON.stringify({ type: "monitoring_report", pad: "é".repeat(40_000) });

/** Refused in every phase; the socket stays open. */
const malformed: [string, string, string][] = [
  ["cut JSON", '{"type":"handshake"', "invalid_json"],
  ["no JSON", "hello", "invalid_json"],
  ["an empty frame", "", "invalid_json"],
  ["an array", "[]", "invalid_frame"],
  ["a string", '"i_am_alive"', "invalid_frame"],
  ["null", "null", "invalid_frame"],
  ["a number", "42", "invalid_frame"],
  ["no type", "{}", "invalid_frame"],
  ["a numeric type", '{"type":1}', "invalid_frame"],
  ["a content nested without end", monitoring("[".repeat(9_000) + "]".repeat(9_000)), "invalid_frame"],
  ["U+0000 in a content", monitoring('"a\\u0000"'), "invalid_frame"],
  ["a lone surrogate in a content", monitoring('"\\ud800"'), "invalid_frame"],
];

/** Refused as the first frame. */
const badHandshakes: [string, string, string][] = [
  ["an id that is a list", withData({ orchestrator_id: ["org-x"] }), "invalid_frame"],
  ["an id with a space", withData({ orchestrator_id: "a b" }), "invalid_frame"],
  ["an id with a line break", withData({ orchestrator_id: "a\nb" }), "invalid_frame"],
  ["an id of 300 characters", withData({ orchestrator_id: "x".repeat(300) }), "invalid_frame"],
  ["a heartbeat before the handshake", JSON.stringify(beat()), "handshake_required"],
  ["an unknown type before the handshake", '{"type":"prompt"}', "handshake_required"],
];

async function expectError(client: RawClient, code: string, fatal = false, timeoutMs?: number): Promise<Frame> {
  const frame = await client.next(undefined, timeoutMs);
  expect(frame).toMatchObject({
    type: "error",
    data: { code, message: expect.stringMatching(/./), fatal },
    timestamp: expect.stringMatching(/Z$/),
  });
  expect(frame.data).toHaveProperty("ref");
  return frame;
}

describe("bad frames", () => {
  let stack: Stack;
  let ids = 0;
  const newId = () => `org-frame-${++ids}`;
  const url = (path: string) => `${stack.controller.wsUrl}${path}`;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    stack = await startStack();
  });

  afterAll(async () => {
    for (const client of clients) client.kill();
    await stack?.stop();
  });

  async function connect(path: string): Promise<RawClient> {
    const client = await RawClient.open(url(path));
    clients.push(client);
    return client;
  }

  async function session(path: string, id: string): Promise<RawClient> {
    const client = await openSession(url(path), id);
    clients.push(client);
    client.send(beat());
    await client.next("keepalive_ack");
    return client;
  }

  const routes = [
    { route: "bare /ws", path: () => "/ws" },
    { route: "/ws/{id}", path: (id: string) => `/ws/${id}` },
  ];

  it("a handshake without an id is that of the address, and where there is none it is refused", async () => {
    const id = newId();
    const named = await connect(`/ws/${id}`);
    named.sendText(withData({ metadata: {} }));
    expect(await named.next()).toMatchObject({ type: "handshake_ack", orchestrator_id: id });
    const bare = await connect("/ws");
    bare.sendText(withData({ metadata: {} }));
    await expectError(bare, "invalid_frame");
    bare.send(handshake(newId()));
    expect(await bare.next()).toMatchObject({ type: "handshake_ack" });
  });

  it.each([
    ["no data", '{"type":"handshake"}'],
    ["data a list", withData([])],
    ["an empty id", withData({ orchestrator_id: "" })],
    ["metadata a text", withData({ metadata: "fast" })],
    ["a number that JSON does not know", '{"type":"handshake","data":{"metadata":{"load":NaN}}}'],
    ["a key __proto__", '{"type":"handshake","data":{"metadata":{"__proto__":{"a":1}}}}'],
    ["more than 64 KiB", withData({ metadata: { blob: "x".repeat(100_000) } })],
  ])(
    "B17: a handshake with %s opens the session that the address names, and needs a name elsewhere",
    async (_, text) => {
      const id = newId();
      const named = await connect(`/ws/${id}`);
      named.sendText(text);
      expect(await named.next()).toMatchObject({ type: "handshake_ack", orchestrator_id: id });
      const bare = await connect("/ws");
      bare.sendText(text);
      await expectError(bare, "invalid_frame");
    },
  );

  describe.each(routes)("before the handshake on $route", ({ path }) => {
    it.each([...malformed, ...badHandshakes])("%s: an error, and a handshake may follow", async (_, text, code) => {
      const id = newId();
      const client = await connect(path(id));
      client.sendText(text);
      await expectError(client, code);
      client.send(handshake(id));
      expect(await client.next()).toMatchObject({ type: "handshake_ack", orchestrator_id: id });
    });

    it("a binary frame closes with 1003", async () => {
      const client = await connect(path(newId()));
      client.sendBinary(new TextEncoder().encode(JSON.stringify(handshake("org-binary"))));
      expect((await client.closedWithin(15_000)).code).toBe(1003);
      expect(client.received("handshake_ack")).toEqual([]);
    });

    it.each([
      ["characters", tooLarge],
      ["bytes", tooLargeInBytes],
      ["2 MiB", "x".repeat(2 * 1024 * 1024)],
    ])("more than 64 KiB (%s) close with 1009", async (_, text) => {
      const client = await connect(path(newId()));
      client.sendText(text);
      expect((await client.closedWithin(15_000)).code).toBe(1009);
    });

    it("the sixth strike closes with 4400", async () => {
      const client = await connect(path(newId()));
      for (let strike = 1; strike <= 6; strike++) client.sendText("{");
      for (let strike = 1; strike <= 5; strike++) await expectError(client, "invalid_json");
      await expectError(client, "invalid_json", true);
      expect((await client.closedWithin(15_000)).code).toBe(4400);
    });

    it("no handshake closes with 4408 after 10 s", async () => {
      const start = Date.now();
      const client = await connect(path(newId()));
      await expectError(client, "handshake_timeout", true, 40_000);
      expect(Date.now() - start).toBeGreaterThan(9_000);
      expect((await client.closedWithin(30_000)).code).toBe(4408);
    });
  });

  describe.each(routes)("in a session on $route", ({ path }) => {
    it.each(malformed)("%s: an error, and the session goes on", async (_, text, code) => {
      const id = newId();
      const client = await session(path(id), id);
      client.sendText(text);
      expect(await client.next("error")).toMatchObject({ data: { code, fatal: false } });
      client.send(beat());
      await client.next("keepalive_ack");
    });

    it("an unknown type is an error and no strike", async () => {
      const id = newId();
      const client = await session(path(id), id);
      for (let count = 0; count < 12; count++) {
        client.send({ type: "prompt", id: count });
        expect(await client.next("error")).toMatchObject({
          data: { code: "unknown_type", ref: "prompt", fatal: false },
        });
      }
      expect(client.isOpen).toBe(true);
    });

    it("the sixth strike closes with 4400", async () => {
      const id = newId();
      const client = await session(path(id), id);
      for (let strike = 1; strike <= 6; strike++) client.sendText("[]");
      expect((await client.closedWithin(15_000)).code).toBe(4400);
      const errors = client.received("error").map(({ data }) => (data as { fatal: boolean }).fatal);
      expect(errors).toEqual([false, false, false, false, false, true]);
    });

    it("a binary frame closes with 1003", async () => {
      const id = newId();
      const client = await session(path(id), id);
      client.sendBinary(new Uint8Array([0x80, 0x81]));
      expect((await client.closedWithin(15_000)).code).toBe(1003);
    });

    it("more than 64 KiB close with 1009", async () => {
      const id = newId();
      const client = await session(path(id), id);
      client.sendText(tooLarge);
      expect((await client.closedWithin(15_000)).code).toBe(1009);
    });

    it("B20: a burst of 200 is taken, and a flood without end closes with 4429", async () => {
      const id = newId();
      const client = await session(path(id), id);
      for (let count = 0; count < 200; count++) client.send(beat());
      for (let count = 0; count < 200; count++) await client.next("keepalive_ack");
      expect(client.received("error")).toEqual([]);
      for (let count = 0; count < 2_000; count++) client.send(beat());
      expect((await client.closedWithin(30_000)).code).toBe(4429);
      expect(client.received("error").at(-1)).toMatchObject({ data: { code: "rate_limited", fatal: true } });
    });

    it("a heartbeat with another id closes with 4403", async () => {
      const id = newId();
      const client = await session(path(id), id);
      client.send({ ...beat(), orchestrator_id: "org-somebody-else" });
      expect((await client.closedWithin(15_000)).code).toBe(4403);
      expect(await stack.instance("org-somebody-else")).toBeNull();
    });

    it.each([
      ["none", undefined, 1000],
      ["1000", 1000, 1000],
      ["1001", 1001, 1001],
      ["3000", 3000, 3000],
      ["4999", 4999, 4999],
    ])("answers a close with code %s, and it shows long before a TTL", async (_, sent, answered) => {
      const id = newId();
      const client = await session(path(id), id);
      await eventually(async () => expect(await stack.instance(id)).toMatchObject({ status: "active" }));
      // An empty close frame may also be answered in kind, as the pipe of bare /ws does.
      const { code } = await client.close(sent);
      expect(sent === undefined && code === 1005 ? answered : code).toBe(answered);
      await eventually(async () => {
        const { body } = await stack.controller.call("GET", `/api/v1/controller/orchestrators/${id}`);
        expect(body.data).toMatchObject({ status: "inactive", connected: false });
      });
      await eventually(async () => expect(await stack.instance(id)).toMatchObject({ status: "inactive" }));
    });
  });

  it.each([
    ["/ws/org-url", "org-frame"],
    ["/ws?orchestrator_id=org-url", "org-frame"],
  ])("%s with a handshake of another id closes with 4403", async (path, id) => {
    const client = await connect(path);
    client.send(handshake(id));
    await expectError(client, "id_conflict", true);
    expect((await client.closedWithin(15_000)).code).toBe(4403);
    expect(await stack.instance(id)).toBeNull();
    expect(await stack.instance("org-url")).toBeNull();
  });

  it("a deregistered id is refused with 4404, on every route", async () => {
    const id = newId();
    await stack.register(id);
    await stack.controller.call("DELETE", `/api/v1/internal/orchestrators/${id}/deregister`);
    for (const path of ["/ws", `/ws/${id}`, "/", `/ws?orchestrator_id=${id}`]) {
      const client = await connect(path);
      client.send(handshake(id));
      await expectError(client, "deregistered", true);
      expect((await client.closedWithin(15_000)).code).toBe(4404);
    }
    expect(await stack.instance(id)).toBeNull();
  });

  it("leaves a server that still answers, with no uncaught error in its log", async () => {
    await sleep(500);
    const id = newId();
    const client = await session("/ws", id);
    expect(client.isOpen).toBe(true);
    const uncaught = stack.controller
      .getLogs()
      .filter(({ message }) => /uncaught|unhandled|internal_error/i.test(message));
    expect(uncaught).toEqual([]);
  });
});
