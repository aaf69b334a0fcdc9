import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { neonClient } from "../../scripts/lib/neon-client.ts";
import { eventually } from "../support/eventually.ts";
import { type Stack, startStack } from "../support/stack.ts";

const CONTROLLER = "/api/v1/controller";
const INTERNAL = "/api/v1/internal";
const SEED = 20_261_121;
const FROM = { "CF-Connecting-IP": "198.51.100.23", "User-Agent": "Audit/1.0" };

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ secrets: { SECRETS_KEY: Buffer.alloc(32, 3).toString("base64") } });
});

afterAll(() => stack?.stop());

interface AuditRow {
  action: string;
  target_id: string;
  actor: string;
  ip: string;
  user_agent: string;
  request_id: string;
}

const rowsOf = async (requestId: string) =>
  (await stack.database.query(
    "SELECT action, target_id, actor, ip, user_agent, request_id FROM activity_logs WHERE request_id = $1",
    [requestId],
  )) as unknown as AuditRow[];

/** Changes that each succeed whatever came before, and the action that tells of them. */
const CHANGES: Record<string, (n: number) => [method: string, path: string, body: object | undefined, action: string]> =
  {
    publish: (n) => ["PUT", `${CONTROLLER}/organizations/org-a/config`, { settings: { n } }, "config.publish"],
    features: (n) => ["PUT", `${CONTROLLER}/organizations/org-a/features`, { features: { n } }, "config.publish"],
    organization: (n) => [
      "POST",
      `${CONTROLLER}/organizations`,
      { organization_id: `org-n${n}`, name: "N" },
      "organization.create",
    ],
    rename: (n) => ["PUT", `${CONTROLLER}/organizations/org-a`, { name: `A ${n}` }, "organization.update"],
    register: (n) => [
      "POST",
      `${INTERNAL}/orchestrators/register`,
      { orchestrator_id: `org-r${n}` },
      "credential.create orchestrator.register",
    ],
    message: (n) => [
      "POST",
      `${INTERNAL}/orchestrators/org-a/messages`,
      { message_type: "monitoring", content: `${n}` },
      "message.create",
    ],
    user: (n) => [
      "POST",
      `${CONTROLLER}/users`,
      { username: `user-${n}`, role: "viewer", organizations: ["org-a"] },
      "user.create",
    ],
    apiToken: (n) => ["POST", `${CONTROLLER}/api-tokens`, { name: `t${n}`, scopes: ["read"] }, "api_token.create"],
    joinToken: () => ["POST", `${CONTROLLER}/organizations/org-a/join-tokens`, {}, "join_token.create"],
  };

it("has exactly one row for each change of a random run, with who asked for it and from where", async () => {
  await stack.register("org-a");
  const names = fc.sample(fc.constantFrom(...Object.keys(CHANGES)), { seed: SEED, numRuns: 40 });
  const changes = [...new Set([...Object.keys(CHANGES), ...names]), ...names].map((name, n) => CHANGES[name]?.(n));
  let total = 0;
  for (const change of changes) {
    if (!change) throw new Error("no such change");
    const [method, path, body, action] = change;
    const { status, headers, text } = await stack.controller.call(method, path, body, { headers: FROM });
    expect(status, `${method} ${path}: ${text}`).toBe(200);
    const requestId = headers.get("X-Request-Id") ?? "";
    // A registration is two: of the orchestrator, and of the token that it is answered.
    const expected = action.split(" ");
    await eventually(async () => expect(await rowsOf(requestId), path).toHaveLength(expected.length));
    const rows = await rowsOf(requestId);
    expect(rows.map((row) => row.action).sort(), path).toEqual(expected);
    for (const row of rows) {
      const { actor, ip, user_agent } = row;
      expect([actor, ip, user_agent]).toEqual(["user:development", FROM["CF-Connecting-IP"], FROM["User-Agent"]]);
    }
    total += rows.length;
  }
  // None came late, and none without a change.
  const counted = await stack.database.query(
    "SELECT count(*)::int AS rows, count(DISTINCT request_id)::int AS requests FROM activity_logs WHERE ip = $1",
    [FROM["CF-Connecting-IP"]],
  );
  expect(counted).toEqual([{ rows: total, requests: changes.length }]);
});

it("has no row for a change that was refused", async () => {
  const path = `${CONTROLLER}/organizations/org-a/config`;
  const refused = await stack.controller.call(
    "PUT",
    path,
    { settings: {}, expected_revision: 999_999 },
    { headers: FROM },
  );
  expect([409, 422]).toContain(refused.status);
  expect(await rowsOf(refused.headers.get("X-Request-Id") ?? "")).toEqual([]);
});

it("cannot be changed by the role of the controller", async () => {
  const before = await stack.database.query("SELECT count(*)::int AS rows FROM activity_logs");
  const sql = neonClient(stack.database.url, stack.database.endpoint);
  expect(await sql`SELECT current_user AS role`).toEqual([{ role: "moolai_app" }]);
  const attempts = [
    () => sql`UPDATE activity_logs SET actor = 'user:somebody-else'`,
    () => sql`DELETE FROM activity_logs`,
    () => sql`TRUNCATE activity_logs`,
    () => sql`ALTER TABLE activity_logs DISABLE TRIGGER ALL`,
    () => sql`DROP TABLE activity_logs`,
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: "42501" });
  expect(await stack.database.query("SELECT count(*)::int AS rows FROM activity_logs")).toEqual(before);
  expect(before).not.toEqual([{ rows: 0 }]);
});
