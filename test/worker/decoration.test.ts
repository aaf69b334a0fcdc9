import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL as INTERNAL_API, register } from "./api.ts";
import { Client } from "./client.ts";

const INTERNAL = `${INTERNAL_API}/orchestrators`;
let ids = 0;

async function detail(id: string) {
  return (await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data;
}

async function activity(id: string): Promise<{ type: string; data: { fields?: { path: string }[] } }[]> {
  return (await call("GET", `${CONTROLLER}/orchestrators/${id}/activity`)).body.data.items;
}

async function logLines(id: string): Promise<string[]> {
  const { body } = await call("GET", `/api/v1/internal/logs?q=${id}&limit=200`);
  return body.logs.map(({ message }: { message: string }) => message).filter((text: string) => text.includes("used"));
}

/** Posts text that need not be JSON. */
async function post(path: string, text: string) {
  return await call("POST", path, { body: text });
}

const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"c${index}":${index}`).join(",")}}`;

/** What decorates a heartbeat, as the text of its members; what of it stays; what is said of the rest. */
const BEATS: [name: string, members: string, kept: object, dropped: string[]][] = [
  ["NaN", '"metrics":{"cpu":NaN,"mem":3}', { metrics: { mem: 3 } }, ["metrics.cpu"]],
  ["1e400", '"metrics":{"cpu":1e400,"mem":3}', { metrics: { mem: 3 } }, ["metrics.cpu"]],
  ["2^53+1", '"metrics":{"cpu":9007199254740993,"mem":3}', { metrics: { mem: 3 } }, ["metrics.cpu"]],
  ["a key twice", '"metrics":{"cpu":1,"cpu":2,"mem":3}', { metrics: { mem: 3 } }, ["metrics.cpu"]],
  ["a long fraction", '"metrics":{"cpu":0.12345678901234567891}', { metrics: { cpu: 0.12345678901234568 } }, []],
  ["257 keys", `"metrics":{"all":${keys(257)},"mem":3}`, { metrics: { mem: 3 } }, ["metrics.all"]],
  ["over 4 KiB", `"metrics":{"all":"${"x".repeat(5_000)}","mem":3}`, { metrics: { mem: 3 } }, ["metrics.all"]],
  [
    "over 64 KiB",
    `"metrics":{"all":"${"x".repeat(90_000)}","mem":3}`,
    { metrics: { mem: 3 } },
    ["metrics.all", "metrics.all"],
  ],
  ["U+0000", String.raw`"metrics":{"cpu":"\u0000","mem":3}`, { metrics: { mem: 3 } }, ["metrics.cpu"]],
  ["half a pair", String.raw`"metrics":{"cpu":"\ud800","mem":3}`, { metrics: { mem: 3 } }, ["metrics.cpu"]],
  ["__proto__", '"metrics":{"__proto__":{"a":1},"mem":3}', { metrics: { mem: 3 } }, ["metrics.__proto__"]],
  ["an object for a key", '"metrics":{{"toString":1}:2,"mem":3}', { metrics: { mem: 3 } }, ["metrics.?"]],
  ["a list for a key", '"metrics":{"mem":3},[{"valueOf":1}]:2', { metrics: { mem: 3 } }, []],
  ["a built-in name twice", '"toString":1,"toString":2,"metrics":{"mem":3}', { metrics: { mem: 3 } }, []],
  ["metrics a list", '"metrics":[1]', { metrics: null }, ["metrics"]],
  ["metrics null", '"metrics":null', { metrics: null }, []],
  ["features a list", '"features":[]', { features: {} }, ["features"]],
  ["UNHEALTHY", '"health_status":"UNHEALTHY"', { health_status: "unhealthy" }, []],
  ["another word", '"health_status":"fine"', { health_status: "unknown" }, ["health_status"]],
  ["a number for health", '"health_status":1', { health_status: "unknown" }, ["health_status"]],
  ["no health", '"note":"x"', { health_status: "healthy" }, []],
  ["single quotes and None", "'note':None,'metrics':{'mem':3,},", { metrics: { mem: 3 } }, []],
];

describe("decoration of heartbeats", () => {
  it.each(BEATS)("B01, B02, B03: %s: a frame and a request over REST agree", async (_, members, kept, dropped) => {
    const overSocket = `deco-ws-${++ids}`;
    const client = await Client.connect(overSocket);
    client.socket.send(`{"type":"i_am_alive",${members}}`);
    await client.until("keepalive_ack", 1);
    const overRest = `deco-rest-${ids}`;
    await register(overRest);
    const answer = await post(`${INTERNAL}/heartbeat`, `{"orchestrator_id":"${overRest}",${members}}`);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect((answer.body.dropped ?? []).map(({ path }: { path: string }) => path)).toEqual(dropped);
    for (const id of [overSocket, overRest]) {
      const known = await detail(id);
      expect(known, id).toMatchObject({ status: "active", ...kept });
      expect(known.dropped?.count ?? 0, id).toBe(dropped.length);
      expect(known.dropped?.fields ?? [], id).toEqual([...new Set(dropped)]);
    }
    expect(client.closeCode).toBeNull();
  });

  it("B01: tells the operator in the activity once for each field, in the log once in a session, and afterwards", async () => {
    const id = "deco-told";
    const client = await Client.connect(id);
    for (let beat = 0; beat < 5; beat++) {
      client.socket.send('{"type":"i_am_alive","metrics":{"cpu":NaN,"mem":Infinity}}');
      await client.until("keepalive_ack", beat + 1);
    }
    await eventually(async () => {
      expect(await logLines(id)).toEqual([
        `Heartbeat of ${id}: metrics.cpu and 1 more could not be used (not a finite number); the heartbeat counts`,
      ]);
    });
    const entries = (await activity(id)).filter(({ type }) => type === "dropped");
    expect(entries.map(({ data }) => data.fields?.map(({ path }) => path))).toEqual([["metrics.cpu", "metrics.mem"]]);
    client.socket.close(1000);
    await eventually(async () => expect((await detail(id)).connected).toBe(false));
    expect((await detail(id)).dropped).toMatchObject({ count: 10, fields: ["metrics.cpu", "metrics.mem"] });
  });

  it("B03: WS and REST keep the health that was said last", async () => {
    const id = "deco-health";
    const beat = async (rest: object) =>
      (await call("POST", `${INTERNAL}/heartbeat`, { body: { orchestrator_id: id, ...rest } })).body.health_status;
    await register(id);
    expect(await beat({})).toBe("healthy");
    expect(await beat({ health_status: "Unhealthy" })).toBe("unhealthy");
    expect(await beat({})).toBe("unhealthy");
    const client = await Client.connect(id);
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    expect((await detail(id)).health_status).toBe("unhealthy");
    expect(await beat({ health_status: "healthy" })).toBe("healthy");
  });
});

describe("decoration of handshakes and registrations", () => {
  it.each([
    ["a version that is a number", '"version":1.4', { version: "1.4" }],
    ["NaN", '"version":"1.4","load":NaN', { version: "1.4" }],
    ["a host name that is a list", '"version":"1.4","hostname":[]', { version: "1.4" }],
    ["300 keys", `"version":"1.4","all":${keys(300)}`, { version: "1.4" }],
  ])("B17: %s: the session opens", async (_, members, kept) => {
    const id = `deco-hello-${++ids}`;
    const client = await Client.open(`/ws/${id}`);
    client.socket.send(`{"type":"handshake","data":{"orchestrator_id":"${id}","metadata":{${members}}}}`);
    await client.until("handshake_ack", 1);
    expect((await detail(id)).metadata).toMatchObject(kept);
  });

  it("B17 sibling: a registration over REST keeps what can be read and says what it dropped", async () => {
    const id = "deco-register";
    const answer = await post(
      `${INTERNAL}/register`,
      `{"orchestrator_id":"${id}","name":7,"location":"${"x".repeat(300)}","features":"on","metadata":{"load":NaN,"zone":"a"}}`,
    );
    expect(answer.status).toBe(200);
    expect(answer.body.dropped).toEqual([
      { path: "location", reason: "cut to 255 characters" },
      { path: "features", reason: "not an object" },
      { path: "metadata.load", reason: "not a finite number" },
    ]);
    const known = await detail(id);
    expect(known).toMatchObject({ name: "7", location: "x".repeat(255), metadata: { zone: "a" }, features: {} });
    expect(known.dropped).toMatchObject({ count: 3, fields: ["location", "features", "metadata.load"] });
  });

  it.each([
    [`${CONTROLLER}/orchestrator-instances`, '"internal_url":"javascript:alert(1)"', "internal_url"],
    [`${CONTROLLER}/organizations`, '"metadata":{"a":"\\u0000"}', "metadata.a"],
  ])("B17 sibling: POST %s says what it dropped", async (path, members, dropped) => {
    const answer = await post(path, `{"org_id":"deco-made-${++ids}",${members}}`);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body.data.dropped).toMatchObject([{ path: dropped }]);
  });

  it("B17 sibling: the configuration that a new organization publishes is no decoration", async () => {
    const answer = await post(`${CONTROLLER}/organizations`, `{"org_id":"deco-core","features":${keys(300)}}`);
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "validation_failed" } } });
  });

  it("B17 sibling: the metadata of a monitoring report decorate it, its content does not", async () => {
    const id = "deco-message";
    const client = await Client.connect(id);
    const report = (rest: string) => `{"type":"monitoring_report","data":{"id":"m1",${rest}}}`;
    client.socket.send(report('"content":"x","metadata":{"a":{"__proto__":1},"b":1}'));
    await client.until("message_ack", 1);
    // The object has it when it says so; Postgres has it a moment later.
    await eventually(async () => {
      const { body } = await call("GET", `${INTERNAL_API}/messages?orchestrator_id=${id}`);
      expect(body.messages).toMatchObject([{ content: "x", metadata: { a: {}, b: 1 } }]);
    });
    client.socket.send(report(String.raw`"content":"\u0000"`));
    await client.until("error", 1);
    expect(client.frames.at(-1)).toMatchObject({
      data: { code: "invalid_frame", ref: "monitoring_report", id: "m1", message: expect.stringContaining("content") },
    });
  });
});
