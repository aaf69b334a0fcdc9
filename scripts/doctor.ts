import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs, parseEnv, promisify } from "node:util";
import { unstable_readConfig } from "wrangler";
import { z } from "zod";
import { examineApplicationUrl, examineDatabase } from "./lib/doctor/database.ts";
import { examineDeployment } from "./lib/doctor/deployment.ts";
import { check, type Finding, type NamedFinding, report, summary, unchecked } from "./lib/doctor/finding.ts";
import { examineConfig, examineSecretNames, examineSettings } from "./lib/doctor/settings.ts";
import { addressFrom } from "./lib/ports.ts";
import { projectPath, runMain } from "./lib/project.ts";

const WRANGLER_TIMEOUT_MS = 30_000;
const secretList = z.array(z.object({ name: z.string() }));
const NOT_NAMED = unchecked(
  "no deployment was looked at",
  "Name it: npm run doctor -- --url https://controller.example.com",
);

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      env: { type: "string", short: "e", default: process.env.CLOUDFLARE_ENV },
      "secrets-file": { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const file = values["secrets-file"];
  const url = values.url === undefined ? undefined : addressFrom(values.url);
  const config = configOf(values.env);
  const secrets = file === undefined ? null : parseEnv(readFileSync(file, "utf8"));
  const findings: NamedFinding[] = [
    ...(await check("wrangler.toml", () => examineConfig(config))),
    ...(await check("secrets", async () =>
      secrets ? examineSettings(config.vars, secrets) : examineSecretNames(await deployedSecrets(values.env)),
    )),
    ...(await check("database", () => databaseFindings(secrets?.DATABASE_URL))),
    ...(url === undefined ? await check("deployment", () => NOT_NAMED) : await examineDeployment(url)),
  ];
  const hasFailed = findings.some(({ state }) => state === "fail");
  if (values.json) {
    const checks = findings.map(({ check: name, state, what, todo }) => ({ name, result: state, what, todo }));
    console.log(JSON.stringify({ url: url ?? null, ok: !hasFailed, checks }, null, 2));
  } else {
    console.log(`${report(findings)}\n\n${summary(findings)}`);
  }
  process.exitCode = hasFailed ? 1 : 0;
});

async function databaseFindings(url: string | undefined): Promise<Finding[]> {
  const ownerUrl = process.env.DATABASE_MIGRATION_URL;
  const todo = "Set DATABASE_MIGRATION_URL in the environment to have its migrations and roles looked at.";
  const owner = ownerUrl
    ? await examineDatabase({ url: ownerUrl, ownerUrl })
    : [unchecked("the database was not looked at as its owner", todo)];
  return url === undefined ? owner : [...owner, await examineApplicationUrl(url, undefined)];
}

/** What wrangler.toml says of production, or of one of its environments. */
function configOf(env: string | undefined): ReturnType<typeof unstable_readConfig> {
  const file = { config: projectPath("wrangler.toml") };
  const production = unstable_readConfig(file, { hideWarnings: true });
  if (!env) return production;
  const names = production.definedEnvironments ?? [];
  if (!names.includes(env)) throw new Error(`wrangler.toml has no environment "${env}", only: ${names.join(", ")}.`);
  return unstable_readConfig({ ...file, env }, { hideWarnings: true });
}

/** The names of the secrets that Cloudflare has for this Worker, or null when nobody is logged in. */
async function deployedSecrets(env = ""): Promise<string[] | null> {
  try {
    const wrangler = projectPath("node_modules/wrangler/bin/wrangler.js");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [wrangler, "secret", "list", "--env", env, "--format", "json"],
      {
        cwd: projectPath(),
        timeout: WRANGLER_TIMEOUT_MS,
        env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
      },
    );
    return secretList.parse(JSON.parse(stdout)).map(({ name }) => name);
  } catch {
    return null;
  }
}
