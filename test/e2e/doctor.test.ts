import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { examineApplicationUrl, examineDatabase } from "../../scripts/lib/doctor/database.ts";
import { examineDeployment } from "../../scripts/lib/doctor/deployment.ts";
import type { Finding } from "../../scripts/lib/doctor/finding.ts";
import { examineHttps } from "../../scripts/lib/doctor/https.ts";
import { examineConfig, examineSecretNames, examineSettings } from "../../scripts/lib/doctor/settings.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import { createUser } from "../../scripts/lib/user.ts";
import { startController } from "../support/controller.ts";
import { type Stack, startStack } from "../support/stack.ts";

const VARS = { HEARTBEAT_TTL_SEC: "120", PRESENCE_REPORT_INTERVAL_SEC: "110" };
const KEY = Buffer.alloc(32, 7).toString("base64");

const wrongOnes = (findings: Finding[]) => findings.flatMap(({ state, what }) => (state === "wrong" ? [what] : []));

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
    expect(wrongOnes(examineConfig({ ...config, vars: { ...VARS, SECRETS_KEY: KEY } }))).toEqual([
      expect.stringContaining("SECRETS_KEY"),
    ]);
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
    expect(examineSecretNames(null)).toMatchObject([{ state: "unchecked" }]);
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
      state: "wrong",
    });
  });

  it("says when migrations are missing", async () => {
    const [last] = await stack.database.query("SELECT tag, hash FROM schema_migrations ORDER BY tag DESC LIMIT 1");
    await stack.database.query("DELETE FROM schema_migrations WHERE tag = $1", [String(last?.tag)]);
    expect(wrongOnes(await examineDatabase(settings()))).toEqual([
      expect.stringMatching(/^the database is at migration (\d+) of (?!\1$)\d+$/),
    ]);
    await stack.database.query("INSERT INTO schema_migrations (tag, hash) VALUES ($1, $2)", [
      String(last?.tag),
      String(last?.hash),
    ]);
  });

  it("does not take a development controller for a production one", async () => {
    const found = wrongOnes(await examineDeployment(stack.controller.url));
    expect(found).toEqual(
      expect.arrayContaining([
        "it is the development build, with passwords and tokens that everyone knows",
        "accepts the development token",
        "lets orchestrators in without a credential",
      ]),
    );
  });

  it("says of a deployment that refuses everything what is wrong with it", async () => {
    const vars = { DEV_BEARER_TOKEN: "canary-token" };
    const controller = await startController({ database: stack.database, production: true, vars });
    try {
      const found = await examineDeployment(controller.url);
      expect(wrongOnes(found)).toContainEqual(expect.stringContaining("its build and its settings do not fit"));
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
    expect(wrongOnes(await examineDeployment("http://127.0.0.1:1"))).toEqual(["http://127.0.0.1:1 does not answer"]);
  });
});
