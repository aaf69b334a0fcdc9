import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { Canaries } from "../support/canaries.ts";
import { doorsOf, frameOf, knownFields, SESSION_TYPES } from "../support/doors.ts";
import { eventually } from "../support/eventually.ts";
import { everyAnswer, everything, type Place } from "../support/leaks.ts";
import { RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ID = "org-canary";
const JOINED = "org-canary-joined";
const PASSWORD = "correct horse battery";

const KNOWN = knownFields(ID);
const OWN: Record<string, Record<string, unknown>> = {
  "POST /api/v1/controller/organizations": { org_id: "org-canary-made", organization_id: "org-canary-made" },
  "POST /api/v1/controller/orchestrator-instances": {
    orchestrator_id: "org-canary-placed",
    org_id: "org-canary-placed",
    organization_id: undefined,
  },
  "POST /api/v1/internal/orchestrators/join": { orchestrator_id: JOINED },
  // The presented token ends at once, because two may be valid, and another one is made later.
  "POST /api/v1/internal/orchestrators/{orchestrator_id}/tokens": { overlap_sec: 0 },
  "POST /api/v1/internal/orchestrators/{orchestrator_id}/send": { type: "custom_notice" },
};
const EXCHANGE = /internal\/orchestrators\/\{orchestrator_id\}\/tokens$/;

/** Where what somebody published or set stands as it is, because who may change it goes on from there. */
const CONFIGURED = /(?:PUT|POST) .*\/(?:config|features|organizations) (?:features|settings|policies)/;
const DESCRIBED = /(?:PUT|POST) .*\/organizations(?:\/\{organization_id\})? metadata/;
/** The features that a registration brings are the configuration of the organization that it creates. */
const FIRST = /(?:register|orchestrator-instances) features/;
/** The audit of Postgres fills in what a publication replaced. Its readers get that masked. */
const REPLACED = /\/(?:config|features|organizations(?:\/\{organization_id\})?) /;

/** Exchanges come first. */
function turnOf(door: string): number {
  return EXCHANGE.test(door) ? 0 : 1;
}

describe("a secret in any field of any door", () => {
  const canaries = new Canaries();
  const roles = new Map<string, string | undefined>();
  /** Doors that took nothing, so that nothing would be found. */
  const closed: string[] = [];
  /** Fields that people fill in and that are refused with a secret in them. */
  const refused: string[] = [];
  let stack: Stack;
  let client: RawClient;

  async function enter(door: string, schema: object, schemas: Record<string, object>, bearer?: string): Promise<void> {
    const [method = "", path = ""] = door.split(" ");
    const url = path.replaceAll(/\{\w+\}/g, ID);
    const ask = async (known: Record<string, unknown>) => {
      const body = canaries.fill(door, schema, { ...KNOWN, ...OWN[door], ...known }, schemas);
      return await stack.controller.call(method, url, body, bearer ? { bearer } : {});
    };
    const first = await ask({});
    const { error } = JSON.parse(first.text) as { error?: { details: { path: string; code: string }[] } };
    const secrets = (error?.details ?? []).filter(({ code }) => code === "secret").map(({ path: at }) => at.slice(6));
    refused.push(...secrets.map((name) => `${door} ${name}`));
    // Names that people give are refused when they hold a secret; the rest gets in with other ones.
    const answer = secrets.length > 0 ? await ask(Object.fromEntries(secrets.map((name) => [name, "plain"]))) : first;
    if (answer.status !== 200) closed.push(`${door}: ${answer.status} ${answer.text}`);
  }

  beforeAll(async () => {
    stack = await startStack({ vars: { LOG_LEVEL: "debug" }, inspectObjects: true });
    const { controller, database } = stack;
    const ok = async (method: string, path: string, body: object) => {
      const answer = await controller.call(method, path, body);
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.body;
    };
    for (const role of ["viewer", "operator", "admin"] as const) {
      await createUser(database, { username: role, role, organizations: [ID], password: PASSWORD });
      const { user } = await ok("POST", "/api/v1/internal/auth/login", { username: role, password: PASSWORD });
      roles.set(role, String(user?.token));
    }
    for (const scope of ["read", "operate", "admin"]) {
      const { data } = await ok("POST", "/api/v1/controller/api-tokens", { name: scope, scopes: [scope] });
      roles.set(`token ${scope}`, String(data?.api_token));
    }
    roles.set("superadmin", undefined);
    const joining = `/api/v1/controller/organizations/${ID}/join-tokens`;
    const registered = await ok("POST", "/api/v1/internal/orchestrators/register", { orchestrator_id: ID });
    const agentToken = String(registered.agent_token);
    const joinToken = String((await ok("POST", joining, { max_uses: 5 })).data?.join_token);

    const { all: doors, schemas } = await doorsOf(controller);
    for (const known of ["/register", "/join", "/heartbeat", "/config", "/messages", "/api-tokens", "/users"]) {
      expect(doors.map(({ door }) => door)).toContainEqual(expect.stringMatching(new RegExp(`${known}$`)));
    }
    client = await RawClient.open(`${controller.wsUrl}/ws/${ID}`);
    client.send(frameOf(canaries, "handshake"));
    await client.next("handshake_ack");
    // The token is exchanged first: at most two of an orchestrator are valid.
    for (const { door, schema } of doors.sort((left, right) => turnOf(left.door) - turnOf(right.door))) {
      const isOwn = EXCHANGE.test(door);
      const bearer = door.endsWith("/join") ? joinToken : isOwn ? agentToken : undefined;
      await enter(door, schema, schemas, bearer);
    }
    const { data: config } = (await controller.call("GET", `/api/v1/controller/organizations/${ID}/config`)).body;
    const revision = Number(config?.revision);
    for (const type of SESSION_TYPES) client.send(frameOf(canaries, type, { revision }));
    await client.next("o_config_snapshot_ack");
    client.send({ type: "request_status" });
    await client.next("status");
    client.kill();
    // The other words, on a fresh object.
    await controller.evict("Orchestrator", ID);
    client = await RawClient.open(`${controller.wsUrl}/ws/${ID}`);
    client.send(frameOf(canaries, "register"));
    await client.next("handshake_ack");
    client.send(frameOf(canaries, "i_am_alive"));
    await client.next("keepalive_ack");
    for (const wrong of ["not json", JSON.stringify({ type: canaries.of("frame type") })]) client.sendText(wrong);
    await eventually(async () => {
      const [row] = await database.query("SELECT count(*)::int AS rows FROM usage_hourly");
      expect(Number(row?.rows)).toBeGreaterThan(0);
      const { body } = await controller.call("GET", `/api/v1/controller/orchestrators/${ID}`);
      expect(body.data?.config_error).toContain("…");
      expect(JSON.stringify(body.data?.metrics)).toContain("…");
    });
  });

  afterAll(async () => {
    client?.kill();
    await stack?.stop();
  });

  const values = () => ({
    orchestrator_id: ID,
    organization_id: ID,
    message_id: crypto.randomUUID(),
    user_id: crypto.randomUUID(),
    revision: "1",
    ids: ID,
  });

  /** Which canaries stand where, but for those of the doors that may. */
  function leaksIn(places: Place[], allowed: RegExp[] = []): string[] {
    const words = [...canaries.words].map(([word, door]) => [word.toLowerCase(), door] as const);
    const lowered = places.map(({ where, text }) => ({ where, text: text.toLowerCase() }));
    return lowered.flatMap(({ where, text }) =>
      words.flatMap(([word, door]) =>
        text.includes(word) && !allowed.some((pattern) => pattern.test(door)) ? [`${door} in ${where}`] : [],
      ),
    );
  }

  it("is put into several hundred places", () => {
    expect(canaries.words.size).toBeGreaterThan(150);
    expect(closed).toEqual([]);
    expect(refused.sort()).toEqual([
      "POST /api/v1/controller/api-tokens name",
      "POST /api/v1/controller/orchestrators/{orchestrator_id}/tokens label",
      "POST /api/v1/controller/organizations location",
      "POST /api/v1/controller/organizations name",
      "POST /api/v1/controller/organizations/{organization_id}/join-tokens label",
      "POST /api/v1/controller/users username",
      "PUT /api/v1/controller/organizations/{organization_id} location",
      "PUT /api/v1/controller/organizations/{organization_id} name",
    ]);
  });

  it("is shown to nobody who may only look", async () => {
    for (const role of ["viewer", "token read"]) {
      expect(leaksIn(await everyAnswer(stack, values(), roles.get(role))), role).toEqual([]);
    }
  });

  it("is shown to those who may publish or edit it, where they do so, and nowhere else", async () => {
    for (const [role, bearer] of roles) {
      if (role === "viewer" || role === "token read") continue;
      const places = await everyAnswer(stack, values(), bearer);
      const isEditor = !["operator", "token operate"].includes(role);
      const editors = places.filter(({ where }) => /\/organizations|\/config/.test(where));
      const others = places.filter((place) => !editors.includes(place));
      expect(leaksIn(editors, [CONFIGURED, FIRST, ...(isEditor ? [DESCRIBED] : [])]), role).toEqual([]);
      expect(leaksIn(others), role).toEqual([]);
    }
  });

  it("is kept by the database and the objects only as the table in docs/design.md says", async () => {
    const places = (await everything(stack, values(), [ID, JOINED])).filter(({ where }) => !where.startsWith("GET "));
    const of = (pattern: RegExp) => places.filter(({ where }) => pattern.test(where));
    const own = /^(?:Orchestrator |table (?:orchestrator_messages|organizations|config_revisions|activity_logs))/;
    // Ids are kept as they came, so that a repeat is known as one.
    expect(
      leaksIn(
        places.filter(({ where }) => !own.test(where)),
        [/usage_report data.report_id/],
      ),
    ).toEqual([]);
    expect(
      leaksIn(of(/^table orchestrator_messages/), [
        /messages |frame (?:monitoring|monitoring_report|recommendation) data/,
      ]),
    ).toEqual([]);
    expect(leaksIn(of(/^table organizations/), [CONFIGURED, DESCRIBED, FIRST])).toEqual([]);
    expect(leaksIn(of(/^table config_revisions/), [CONFIGURED, FIRST])).toEqual([]);
    expect(leaksIn(of(/^table activity_logs/), [REPLACED, FIRST])).toEqual([]);
    // Not even its own object has what nothing uses.
    expect(
      leaksIn(of(/^Orchestrator /)).filter((leak) => /database_url|redis_url|environment_variables/.test(leak)),
    ).toEqual([]);
  });
});
