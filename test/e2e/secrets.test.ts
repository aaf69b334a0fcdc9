import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
};
const WORDS = Object.values(CANARIES);

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

  async function call(method: string, path: string, body?: unknown): Promise<number> {
    const { status, text, headers } = await stack.controller.call(method, path, body);
    answers.push(`${method} ${path}: ${text} ${JSON.stringify([...headers])}`);
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
    expect(await call("POST", REGISTER, { ...registration, database_url: tooLong })).toBe(422);
    expect(await call("POST", REGISTER, { ...registration, environment_variables: { KEY: [tooLong] } })).toBe(422);

    client = await openSession(`${stack.controller.wsUrl}/ws`, ID);
    client.send(beat());
    client.send({ type: "request_status" });
    client.send({ type: "provisioning_request" });
    await client.next("status");
    const created = await stack.controller.call("POST", `/api/v1/internal/orchestrators/${ID}/messages`, {
      message_type: "monitoring",
      content: "nothing secret",
    });
    messageId = String(created.body.message_id);
    expect(await call("PUT", `/api/v1/controller/organizations/${ID}/features`, { features: { cache: {} } })).toBe(200);
    expect(await call("PUT", `/api/v1/internal/orchestrators/${ID}/independence`, { is_independent: true })).toBe(200);
    expect(await call("PUT", `/api/v1/internal/orchestrators/${ID}/independence`, { is_independent: false })).toBe(200);
    // A second session on a fresh object.
    client.kill();
    await stack.controller.evict("Orchestrator", ID);
    client = await openSession(`${stack.controller.wsUrl}/ws`, ID);
    client.send(beat());
    await client.next("keepalive_ack");
    await eventually(async () => expect(await stack.instance(ID)).toMatchObject({ status: "active" }));
  });

  it("are stored encrypted", async () => {
    const rows = await stack.database.query(
      `SELECT orchestrator_id, database_url, redis_url, environment_variables FROM orchestrator_instances
       WHERE orchestrator_id IN ($1, $2)`,
      [ID, PLACEHOLDER],
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row.database_url).toMatch(/^enc:v1:/);
      expect(row.redis_url).toMatch(/^enc:v1:/);
      expect(JSON.stringify(row.environment_variables)).toContain("enc:v1:");
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
    expect(findLeaks(places, WORDS)).toEqual([]);
  });

  it("are found by this very search where they do stand", async () => {
    const place = { where: "here", text: `…${Buffer.from(CANARIES.redis).toString("base64")}…${CANARIES.database}` };
    expect(findLeaks([place], WORDS)).toHaveLength(2);
  });
});
