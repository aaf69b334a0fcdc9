import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newToken } from "../../worker/platform/tokens.ts";
import type { RequestOptions } from "../support/controller.ts";
import { eventually } from "../support/eventually.ts";
import { everything, findLeaks } from "../support/leaks.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ID = "org-secret";
const PLACEHOLDER = "org-placed";
const REGISTER = "/api/v1/internal/orchestrators/register";

// Each in a place of its own, so that a leak says where it comes from.
const CANARIES = {
  database: "canary-database-7f3a",
  redis: "canary-redis-51c2",
  environment: "canary-environment-9be0",
  again: "canary-again-02d4",
  placed: "canary-placed-c6e8",
  refused: "canary-refused-18ab",
  tooLong: "canary-toolong-44f1",
  metadata: "canary-metadata-a1b7",
  shown: "canary-shown-c27d",
  told: "canary-told-3d90",
  reported: "canary-reported-6b2e",
  named: "canary-named-e7c5",
  toOrchestrator: "canary-message-out-b81d",
  fromOrchestrator: "canary-message-in-40f6",
};
/** Published to an orchestrator, which needs it: it stands in configurations, but not where all is told of. */
const PUBLISHED = "canary-published-5f08";
// Not the rows of the audit: Postgres itself fills in what a publication replaced, and its readers get that redacted.
const TOLD = /console|stream|Fleet|Auth|table activity$|\/(audit|logs|activity|overview|attention)/;
/** Given where a viewer could look. Its own object keeps them as they were given, to tell them: they are masked for viewers. */
const GIVEN = [
  CANARIES.metadata,
  CANARIES.shown,
  CANARIES.told,
  CANARIES.reported,
  CANARIES.toOrchestrator,
  CANARIES.fromOrchestrator,
];
const TOKEN = newToken("agent", ID).text;
const WORDS = [...Object.values(CANARIES), TOKEN.slice(-32)];

function secretsWith(canary: string) {
  return {
    database_url: `postgresql://user:${canary}@db.internal/orchestrator`,
    redis_url: `redis://:${canary}@redis.internal:6379/0`,
    environment_variables: { OPENAI_API_KEY: canary, LOG_LEVEL: "info" },
  };
}

describe("secrets of orchestrators", () => {
  let stack: Stack;
  let client: RawClient;
  let messageId = "";
  const answers: string[] = [];

  beforeAll(async () => {
    stack = await startStack({
      secrets: { SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") },
      vars: { LOG_LEVEL: "debug" },
      inspectObjects: true,
    });
  });

  afterAll(async () => {
    client?.kill();
    await stack?.stop();
  });

  async function call(method: string, path: string, body?: unknown, init?: RequestOptions): Promise<number> {
    const { status, text, headers } = await stack.controller.call(method, path, body, init);
    answers.push(`${text} ${JSON.stringify([...headers])}`);
    return status;
  }

  it("are taken in every way they can come, and by orchestrators that live", async () => {
    const registration = { orchestrator_id: ID, organization_id: ID, name: "Secretive" };
    const first = {
      database_url: `postgresql://user:${CANARIES.database}@db.internal/orchestrator`,
      redis_url: `redis://:${CANARIES.redis}@redis.internal:6379/0`,
      environment_variables: { OPENAI_API_KEY: CANARIES.environment, PORT: 8000 },
    };
    expect(await call("POST", REGISTER, { ...registration, ...first })).toBe(200);
    expect(await call("POST", REGISTER, { ...registration, ...secretsWith(CANARIES.again) })).toBe(200);
    expect(
      await call("POST", "/api/v1/controller/orchestrator-instances", {
        org_id: PLACEHOLDER,
        name: "Placed",
        ...secretsWith(CANARIES.placed),
      }),
    ).toBe(200);
    // Refused requests quote nothing either.
    const foreign = { orchestrator_id: ID, organization_id: "another", ...secretsWith(CANARIES.refused) };
    expect(await call("POST", REGISTER, foreign)).toBe(409);
    const tooLong = `${CANARIES.tooLong}${"x".repeat(3000)}`;
    // What cannot be used is dropped and named, without its value.
    expect(await call("POST", REGISTER, { ...registration, database_url: tooLong })).toBe(200);
    expect(await call("POST", REGISTER, { ...registration, environment_variables: { KEY: [tooLong] } })).toBe(200);

    client = await openSession(`${stack.controller.wsUrl}/ws`, ID);
    client.send(beat());
    client.send({ type: "request_status" });
    client.send({ type: "provisioning_request" });
    await client.next("status");
    const created = await stack.controller.call("POST", `/api/v1/internal/orchestrators/${ID}/messages`, {
      message_type: "monitoring",
      content: `Use the token: ${CANARIES.toOrchestrator}`,
      metadata: { api_key: CANARIES.toOrchestrator },
    });
    messageId = String(created.body.message_id);
    const content = `Rotate https://ada:${CANARIES.fromOrchestrator}@acme.example/`;
    client.send({ type: "recommendation", data: { content, metadata: { api_key: CANARIES.fromOrchestrator } } });
    expect(await call("PUT", `/api/v1/controller/organizations/${ID}/features`, { features: { cache: {} } })).toBe(200);
    expect(await call("PUT", `/api/v1/internal/orchestrators/${ID}/independence`, { is_independent: true })).toBe(200);
    expect(await call("PUT", `/api/v1/internal/orchestrators/${ID}/independence`, { is_independent: false })).toBe(200);
    // Where nobody should put one, but somebody will.
    const url = `https://ada:${CANARIES.metadata}@acme.example/`;
    const metadata = { url, nested: { api_key: CANARIES.metadata }, note: `Bearer ${CANARIES.metadata}` };
    expect(await call("POST", REGISTER, { ...registration, metadata })).toBe(200);
    const address = (name: string) => `https://acme.example/x?${name}=${CANARIES.shown}`;
    const shown = {
      internal_url: address("token"),
      phoenix_endpoint: address("api_key"),
      website: address("sig"),
      image_name: `https://${CANARIES.shown}@images.acme.example/gateway`,
      features: { cache: { password: CANARIES.shown } },
    };
    expect(await call("POST", REGISTER, { ...registration, ...shown })).toBe(200);
    const headers = { "User-Agent": `Client/1.0 (${TOKEN})`, "CF-Connecting-IP": TOKEN };
    const settings = { plan: { api_key: PUBLISHED } };
    expect(await call("PUT", `/api/v1/controller/organizations/${ID}/config`, { settings }, { headers })).toBe(200);
    const replaced = { settings: { plan: { api_key: `${PUBLISHED}-2` } } };
    expect(await call("PUT", `/api/v1/controller/organizations/${ID}/config`, replaced, { headers })).toBe(200);
    for (const path of [TOKEN, `%6d${TOKEN.slice(1)}`]) {
      expect(await call("GET", `/api/v1/controller/orchestrators/${path}`, undefined, { headers })).toBe(401);
    }
    const wrong = { bearer: TOKEN };
    expect(await call("GET", "/api/v1/controller/overview", undefined, wrong)).toBe(401);
    expect(await call("POST", "/api/v1/internal/auth/login", { username: TOKEN, password: CANARIES.named })).toBe(401);
    client.send({ type: "update_metadata", data: { metadata: { contact: url, token: CANARIES.told } } });
    client.send({ ...beat(), metrics: { upstream: url }, features: { cache: { url, api_key: CANARIES.told } } });
    const error = `cannot reach ${url} with token: ${CANARIES.told}`;
    const { body: published } = await stack.controller.call("GET", `/api/v1/controller/organizations/${ID}/config`);
    client.send({ type: "config_status", revision: published.data?.revision, status: "failed", error });
    await eventually(async () => {
      const { body } = await stack.controller.call("GET", `/api/v1/controller/orchestrators/${ID}`);
      expect(body.data?.config_error).toBe("cannot reach https://ada:…@acme.example/ with token: …");
      expect(body.data?.metrics).toEqual({ upstream: "https://ada:…@acme.example/" });
    });
    client.send({ type: "o_config_snapshot", data: { database: { password: CANARIES.reported, port: 5432 } } });
    await client.next("o_config_snapshot_ack");
    // A second session on a fresh object.
    client.kill();
    await stack.controller.evict("Orchestrator", ID);
    client = await openSession(`${stack.controller.wsUrl}/ws`, ID);
    client.send(beat());
    await client.next("keepalive_ack");
    await eventually(async () => expect(await stack.instance(ID)).toMatchObject({ status: "active" }));
    const { body } = await stack.controller.call("GET", `/api/v1/controller/orchestrators/${ID}`);
    expect(body.data?.config_snapshot).toMatchObject({ data: { database: { password: "…", port: 5432 } } });
  });

  it("are not stored: only that they are set", async () => {
    const rows = await stack.database.query(
      `SELECT orchestrator_id, database_url, redis_url, environment_variables FROM orchestrator_instances
       WHERE orchestrator_id IN ($1, $2)`,
      [ID, PLACEHOLDER],
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect([row.database_url, row.redis_url]).toEqual(["set", "set"]);
      expect(row.environment_variables).toMatchObject({ OPENAI_API_KEY: "set" });
    }
  });

  it("are answered by the names of the variables, and that they are set", async () => {
    const { body } = await stack.controller.call("GET", `/api/v1/controller/orchestrators/${ID}`);
    expect(body.data).toMatchObject({ database_url_set: true, redis_url_set: true });
    expect(body.data?.environment_variable_names).toEqual(expect.arrayContaining(["OPENAI_API_KEY"]));
    expect(body.data).not.toHaveProperty("database_url");
    expect(body.data).not.toHaveProperty("environment_variables");
  });

  it("appear in no answer, frame, log line, row or activity", async () => {
    const values = {
      orchestrator_id: ID,
      organization_id: ID,
      message_id: messageId,
      user_id: crypto.randomUUID(),
      revision: "1",
      ids: ID,
    };
    const places = await everything(stack, values, [ID, PLACEHOLDER]);
    for (const where of ["/orchestrators/org-secret/activity", "/internal/logs", "/internal/messages", "/audit"]) {
      expect(places.map((place) => place.where).filter((name) => name.includes(where))).not.toEqual([]);
    }
    for (const text of answers) places.push({ where: "an answer", text });
    for (const { dir, frame } of client.frames) places.push({ where: `frame ${dir}`, text: JSON.stringify(frame) });
    expect(places.filter(({ where }) => where === "table activity_logs").length).toBeGreaterThan(3);
    expect(places.length).toBeGreaterThan(50);
    // What it is sent is its own again, and what it sent is known to it.
    const others = places.filter(({ where }) => where !== "frame out");
    // Messages are kept as they were sent, because orchestrators read theirs.
    const isKept = (where: string) =>
      where === "frame in" || where.startsWith("Orchestrator ") || where === "table orchestrator_messages";
    expect(
      findLeaks(
        others,
        WORDS.filter((word) => !GIVEN.includes(word)),
      ),
    ).toEqual([]);
    expect(
      findLeaks(
        others.filter(({ where }) => !isKept(where)),
        WORDS,
      ),
    ).toEqual([]);
    const kept = findLeaks(
      others.filter(({ where }) => isKept(where)),
      GIVEN,
    );
    for (const place of ["frame in", "Orchestrator ", "table orchestrator_messages"]) {
      expect(kept.filter((leak) => leak.includes(place))).not.toEqual([]);
    }
    expect(
      findLeaks(
        places.filter(({ where }) => where.startsWith("frame out")),
        [TOKEN.slice(-32)],
      ),
    ).toEqual([]);
    const published = findLeaks(places, [PUBLISHED]);
    expect(published.filter((leak) => leak.includes("in frame in"))).not.toEqual([]);
    expect(places.filter(({ where }) => TOLD.test(where)).length).toBeGreaterThan(20);
    expect(published.filter((leak) => TOLD.test(leak.split(": ")[0] ?? ""))).toEqual([]);
  });

  it("are found by this very search where they do stand", async () => {
    const place = { where: "here", text: `…${Buffer.from(CANARIES.redis).toString("base64")}…${CANARIES.database}` };
    expect(findLeaks([place], WORDS)).toHaveLength(2);
  });
});
