import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { examineApplicationUrl, examineDatabase } from "../../scripts/lib/doctor/database.ts";
import { examineDeployment } from "../../scripts/lib/doctor/deployment.ts";
import { type Finding, summary } from "../../scripts/lib/doctor/finding.ts";
import { examineHttps } from "../../scripts/lib/doctor/https.ts";
import { examineConfig, examineSecretNames, examineSettings } from "../../scripts/lib/doctor/settings.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import { createUser } from "../../scripts/lib/user.ts";
import { startController } from "../support/controller.ts";
import { eventually } from "../support/eventually.ts";
import { type FakeAnswer, type Fault, goodHealth, startFakeDeployment } from "../support/fake-deployment.ts";
import { type Stack, startStack } from "../support/stack.ts";

const VARS = { HEARTBEAT_TTL_SEC: "120", PRESENCE_REPORT_INTERVAL_SEC: "110" };
const KEY = Buffer.alloc(32, 7).toString("base64");

const wrongOnes = (findings: Finding[]) => findings.flatMap(({ state, what }) => (state === "fail" ? [what] : []));

describe("npm run doctor", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  const settings = () => ({
    url: stack.database.url,
    ownerUrl: stack.database.ownerUrl,
    endpoint: stack.database.endpoint,
  });

  it("has nothing to say against wrangler.toml as it is, and finds each thing that is not right", () => {
    const define = { DEVELOPMENT_BUILD: "false" };
    const config = { define, vars: VARS, triggers: { crons: ["*/5 * * * *"] } };
    expect(wrongOnes(examineConfig(config))).toEqual([]);
    expect(wrongOnes(examineConfig(unstable_readConfig({ config: projectPath("wrangler.toml") })))).toEqual([]);
    expect(wrongOnes(examineConfig({ ...config, define: {} }))).toHaveLength(1);
    expect(wrongOnes(examineConfig({ ...config, vars: { ...VARS, ALLOWED_ORIGINS: "foo", TTL: "60" } }))).toHaveLength(
      2,
    );
    expect(wrongOnes(examineConfig({ ...config, triggers: { crons: [] } }))).toHaveLength(1);
    expect(wrongOnes(examineConfig({ ...config, vars: { HEARTBEAT_TTL_SEC: "60" } }))).toHaveLength(1);
    expect(
      wrongOnes(examineConfig({ ...config, vars: { ...VARS, SECRETS_KEY: KEY, OIDC_CLIENT_SECRET: "x" } })),
    ).toContainEqual(expect.stringContaining("SECRETS_KEY, OIDC_CLIENT_SECRET"));
  });

  it("names a missing, wrong or development setting, and never its value", () => {
    const secrets = { DATABASE_URL: "postgresql://localhost/x", SECRETS_KEY: KEY };
    expect(wrongOnes(examineSettings(VARS, secrets))).toEqual([]);
    const bad = examineSettings(
      { ...VARS, FLEET_SHARDS: "0" },
      { SECRETS_KEY: "canary-short", DEV_BEARER_TOKEN: "canary-token" },
    );
    const text = wrongOnes(bad).join("\n");
    for (const name of ["FLEET_SHARDS", "SECRETS_KEY", "DATABASE_URL", "DEV_BEARER_TOKEN"])
      expect(text).toContain(name);
    expect(JSON.stringify(bad)).not.toContain("canary");
  });

  it("compares the names of the secrets that are deployed", () => {
    expect(wrongOnes(examineSecretNames(["DATABASE_URL", "SECRETS_KEY"]))).toEqual([]);
    expect(wrongOnes(examineSecretNames(["DATABASE_URL", "DEV_BEARER_TOKEN"]))).toHaveLength(2);
    expect(examineSecretNames(null)).toMatchObject([{ state: "unknown" }]);
  });

  it("misses the superadmin of a new database, and then nothing", async () => {
    expect(wrongOnes(await examineDatabase(settings()))).toEqual(["there is no active superadmin"]);
    const user = { username: "ada", role: "superadmin" as const, organizations: [], password: "correct horse battery" };
    await createUser(settings(), user);
    expect(wrongOnes(await examineDatabase(settings()))).toEqual([]);
    expect(await examineApplicationUrl(stack.database.url, stack.database.endpoint)).toMatchObject({ state: "ok" });
  });

  it("sees an application role that may more than it should, and an application that is the owner", async () => {
    await stack.database.query("GRANT DELETE ON activity_logs TO moolai_app");
    expect(wrongOnes(await examineDatabase(settings()))).toEqual(["moolai_app can change or delete the audit"]);
    await stack.database.query("REVOKE DELETE ON activity_logs FROM moolai_app");
    await stack.database.query("GRANT UPDATE (actor) ON activity_logs TO moolai_app");
    expect(wrongOnes(await examineDatabase(settings()))).toEqual(["moolai_app can change or delete the audit"]);
    await stack.database.query("REVOKE UPDATE (actor) ON activity_logs FROM moolai_app");
    await stack.database.query("GRANT CREATE ON SCHEMA public TO moolai_app");
    expect(wrongOnes(await examineDatabase(settings()))).toEqual(["moolai_app can change more than rows"]);
    await stack.database.query("REVOKE CREATE ON SCHEMA public FROM moolai_app");
    expect(await examineApplicationUrl(stack.database.ownerUrl, stack.database.endpoint)).toMatchObject({
      state: "fail",
    });
  });

  it("finds the organizations whose orchestrators hold what a restored database does not know", async () => {
    await stack.register("restored-1");
    await stack.database.query("UPDATE orchestrator_instances SET config_revision = 3");
    expect(wrongOnes(await examineDatabase(settings()))).toEqual([
      "orchestrators run a newer configuration than the database has: restored-1",
    ]);
    await stack.database.query("UPDATE orchestrator_instances SET config_revision = 0");
    expect(wrongOnes(await examineDatabase(settings()))).toEqual([]);
  });

  it("says when migrations are missing", async () => {
    const [last] = await stack.database.query("SELECT tag, hash FROM schema_migrations ORDER BY tag LIMIT 1");
    await stack.database.query("DELETE FROM schema_migrations WHERE tag = $1", [String(last?.tag)]);
    expect(wrongOnes(await examineDatabase(settings()))).toEqual([
      expect.stringMatching(/^the database is at migration (\d+) of (?!\1$)\d+$/),
    ]);
    await stack.database.query("INSERT INTO schema_migrations (tag, hash) VALUES ($1, $2)", [
      String(last?.tag),
      String(last?.hash),
    ]);
  });

  it("says when functions of the database are not those of this checkout", async () => {
    const tag = "repeatable/presence";
    const [row] = await stack.database.query("SELECT hash FROM schema_migrations WHERE tag = $1", [tag]);
    await stack.database.query("UPDATE schema_migrations SET hash = '' WHERE tag = $1", [tag]);
    expect(wrongOnes(await examineDatabase(settings()))).toEqual([`the database lacks the current ${tag}`]);
    await stack.database.query("UPDATE schema_migrations SET hash = $2 WHERE tag = $1", [tag, String(row?.hash)]);
  });

  it("does not take a development controller for a production one", async () => {
    const found = wrongOnes(await examineDeployment(stack.controller.url));
    expect(found).toEqual(
      expect.arrayContaining([
        "it is the development build, with well-known passwords and tokens",
        "accepts the development token",
        "/ws lets in who has no credential",
      ]),
    );
  });

  it("knows when the scheduled work last succeeded, and that it did not when a part of it failed", async () => {
    const cron = async () => (await examineDeployment(stack.controller.url)).filter(({ check }) => check === "cron");
    await stack.database.pause();
    await stack.controller.runCron();
    await stack.database.resume();
    expect(await cron()).toMatchObject([{ state: "warn", what: expect.stringContaining("has not succeeded yet") }]);
    await stack.controller.runCron();
    await eventually(async () => expect(await cron()).toMatchObject([{ state: "ok" }]));
  });

  it("says of a deployment that refuses everything what is wrong with it", async () => {
    const vars = { DEV_BEARER_TOKEN: "canary-token" };
    const controller = await startController({ database: stack.database, production: true, vars });
    try {
      const found = await examineDeployment(controller.url);
      expect(wrongOnes(found)).toContainEqual(expect.stringContaining("its build and its settings do not match"));
      expect(JSON.stringify(found)).not.toContain("canary");
    } finally {
      await controller.stop();
    }
  });

  it("tries plain HTTP too", async () => {
    const controller = await startController({ database: stack.database, production: "plain" });
    try {
      const found = await examineHttps("https://controller.example.com", controller.url);
      expect(found.map(({ state }) => state)).toEqual(["ok", "ok", "ok"]);
    } finally {
      await controller.stop();
    }
    const open = await examineHttps("https://controller.example.com", stack.controller.url);
    expect(wrongOnes(open)).toEqual([
      expect.stringContaining("200 for a page"),
      expect.stringContaining("401 for an API call"),
      expect.stringContaining("ws:// is answered with 101"),
    ]);
    expect(await examineHttps("https://controller.example.com", "http://127.0.0.1:1")).toMatchObject([{ state: "ok" }]);
    expect(wrongOnes(await examineHttps("http://controller.example.com"))).toEqual(["reached over http"]);
  });

  it("says so when nothing answers", async () => {
    expect(wrongOnes(await examineDeployment("http://127.0.0.1:1"))).toEqual([
      "http://127.0.0.1:1 does not answer (connect ECONNREFUSED 127.0.0.1:1)",
    ]);
  });
});

describe("npm run doctor --url, from outside", () => {
  /** The checks that do not say "ok", but for that of https: this machine serves none. */
  async function found(fault: Fault): Promise<string[]> {
    const { url, stop } = await startFakeDeployment(fault);
    try {
      const findings = await examineDeployment(url);
      return findings
        .filter(({ check, state }) => state !== "ok" && check !== "https" && check !== "quotas")
        .map(({ check, state }) => `${check}: ${state}`);
    } finally {
      stop();
    }
  }

  const on =
    (path: string, change: (answer: FakeAnswer) => Partial<FakeAnswer> | null): Fault =>
    (request, answer) => {
      if (request.url !== path) return answer;
      const changed = change(answer);
      return changed && { ...answer, ...changed };
    };
  const without =
    (name: string): Fault =>
    (_request, answer) => ({ ...answer, headers: { ...answer.headers, [name]: "" } });
  const health = (change: object) => on("/health", () => ({ body: JSON.stringify({ ...goodHealth(), ...change }) }));
  const html = { status: 200, headers: { "Content-Type": "text/html" }, body: "<h1>Welcome to nginx</h1>" };

  it("has nothing to say against a deployment that is right, and says what it cannot see", async () => {
    expect(await found((_request, answer) => answer)).toEqual([]);
    const { url, stop } = await startFakeDeployment((_request, answer) => answer);
    const findings = await examineDeployment(url);
    stop();
    expect(findings.filter(({ check }) => check === "quotas")).toMatchObject([{ state: "unknown" }]);
    expect(findings.filter(({ state, todo }) => state !== "ok" && todo === "")).toEqual([]);
    expect(summary(findings)).toMatch(/^\d+ in order, 1 wrong, 1 could not be checked\.$/);
  });

  it.each<[what: string, fault: Fault, checks: string[]]>([
    ["is of another version", health({ version: "0.0.0" }), ["reachable: warn"]],
    ["is the development build", health({ build: "development" }), ["build: fail"]],
    ["is too old to say its build", health({ build: undefined }), ["build: unknown"]],
    [
      "has a wrong setting",
      health({ components: { database: "connected", configuration: "error" } }),
      ["settings: fail"],
    ],
    ["has no database", health({ components: { database: "disconnected", configuration: "ok" } }), ["database: fail"]],
    ["has never run its cron", health({ scheduled_at: null }), ["cron: warn"]],
    ["has no cron any more", health({ scheduled_at: "2026-01-01T00:00:00.000Z" }), ["cron: fail"]],
    ["is too old to speak of its cron", health({ scheduled_at: undefined }), ["cron: unknown"]],
    [
      "has another clock",
      on("/health", ({ headers }) => ({ headers: { ...headers, Date: "Thu, 01 Jan 2026 00:00:00 GMT" } })),
      ["clock: warn"],
    ],
    ["tells no time", without("Date"), []],
    ["takes HSTS away", without("Strict-Transport-Security"), ["headers: fail", "headers: fail"]],
    ["takes the policy away", without("Content-Security-Policy"), ["headers: fail", "headers: fail"]],
    ["takes nosniff away", without("X-Content-Type-Options"), ["headers: fail", "headers: fail"]],
    ["has no dashboard", on("/login", () => ({ status: 404, body: "{}" })), ["login page: fail"]],
    ["does not serve the dashboard's script", on("/assets/main-1.js", () => ({ status: 404 })), ["login page: fail"]],
    ["answers nothing about a socket", on("/ws", () => null), ["sockets: unknown"]],
    ["has something else at /ws", on("/ws", () => ({ status: 200, body: "" })), ["sockets: fail"]],
    ["has no route for /ws", on("/ws", () => ({ status: 404 })), ["sockets: fail"]],
    ["lets in orchestrators without a credential", on("/ws", () => ({ status: 101, body: "" })), ["sockets: fail"]],
    ["loses the upgrade", on("/api/v1/stream", () => ({ status: 426 })), ["sockets: fail"]],
    [
      "cannot compute a login",
      on("/api/v1/internal/auth/login", () => ({ status: 503, body: "error code: 1102" })),
      ["login: fail"],
    ],
    [
      "lets anybody read",
      on("/api/v1/controller/organizations", () => ({ status: 200, body: "{}" })),
      ["credentials: fail", "credentials: fail"],
    ],
  ])("finds a deployment that %s", async (_what, fault, checks) => {
    expect(await found(fault)).toEqual(checks);
  });

  it("does not take another server for a controller, and calls nothing well that it could not see", async () => {
    const findings = await found((_request, answer) => ({ ...answer, ...html }));
    expect(findings).toEqual(
      expect.arrayContaining([
        "reachable: fail",
        "build: unknown",
        "settings: unknown",
        "database: unknown",
        "cron: unknown",
      ]),
    );
    expect(await found(on("/health", () => ({ status: 302, headers: { Location: "https://elsewhere/" } })))).toContain(
      "reachable: fail",
    );
  });

  it("says that no deployment was looked at when none is named", async () => {
    const args = [projectPath("scripts/doctor.ts"), "--secrets-file", projectPath("package.json")];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch((error) => error);
    expect(stdout).toContain("no deployment was looked at");
    expect(stdout).toMatch(/\n\d+ in order, .*2 could not be checked\.\n$/);
  });

  it("is for programs too, and ends with 1 when something is wrong", async () => {
    const { url, stop } = await startFakeDeployment(health({ components: { database: "x", configuration: "ok" } }));
    const args = [
      projectPath("scripts/doctor.ts"),
      "--url",
      url,
      "--json",
      "--secrets-file",
      projectPath(".dev.vars.example"),
    ];
    const ended: { code: number; stdout: string } = await promisify(execFile)(process.execPath, args).then(
      () => ({ code: 0, stdout: "" }),
      (error) => error,
    );
    stop();
    expect(ended.code).toBe(1);
    const { ok, checks } = JSON.parse(ended.stdout);
    expect(ok).toBe(false);
    expect(checks).toContainEqual(expect.objectContaining({ name: "database", result: "fail" }));
    expect(checks).toContainEqual(expect.objectContaining({ name: "sockets", result: "ok" }));
  });
});
