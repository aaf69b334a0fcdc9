import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs, parseEnv, promisify } from "node:util";
import { unstable_readConfig } from "wrangler";
import { z } from "zod";
import { examineApplicationUrl, examineDatabase } from "./lib/doctor/database.ts";
import { examineDeployment } from "./lib/doctor/deployment.ts";
import { type Finding, report, unchecked } from "./lib/doctor/finding.ts";
import { examineConfig, examineSecretNames, examineSettings } from "./lib/doctor/settings.ts";
import { addressFrom } from "./lib/ports.ts";
import { projectPath, runMain } from "./lib/project.ts";

const secretList = z.array(z.object({ name: z.string() }));

await runMain(async () => {
  const { values } = parseArgs({ options: { url: { type: "string" }, "secrets-file": { type: "string" } } });
  const file = values["secrets-file"];
  const url = values.url === undefined ? undefined : addressFrom(values.url);
  const config = unstable_readConfig({ config: projectPath("wrangler.toml") });
  const secrets = file === undefined ? null : parseEnv(readFileSync(file, "utf8"));
  const findings = [
    ...examineConfig(config),
    ...(secrets ? examineSettings(config.vars, secrets) : examineSecretNames(await deployedSecrets())),
    ...(await databaseFindings(secrets?.DATABASE_URL)),
    ...(url === undefined
      ? [unchecked("no deployment was looked at", "Name it: `-- --url https://controller.example.com`.")]
      : await examineDeployment(url)),
  ];
  console.log(report(findings));
  const count = findings.filter(({ state }) => state === "wrong").length;
  console.log(count === 0 ? "\nNothing wrong was found." : `\n${count} wrong.`);
  process.exitCode = count === 0 ? 0 : 1;
});

async function databaseFindings(url: string | undefined): Promise<Finding[]> {
  const ownerUrl = process.env.DATABASE_MIGRATION_URL;
  const owner = ownerUrl
    ? await examineDatabase({ url: ownerUrl, ownerUrl })
    : [unchecked("the database was not looked at", "Set DATABASE_MIGRATION_URL in the environment.")];
  return url === undefined ? owner : [...owner, await examineApplicationUrl(url, undefined)];
}

/** The names of the secrets that Cloudflare has for this Worker, or null when nobody is logged in. */
async function deployedSecrets(): Promise<string[] | null> {
  try {
    const wrangler = projectPath("node_modules/wrangler/bin/wrangler.js");
    const { stdout } = await promisify(execFile)(process.execPath, [wrangler, "secret", "list", "--format", "json"], {
      cwd: projectPath(),
      env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
    });
    return secretList.parse(JSON.parse(stdout)).map(({ name }) => name);
  } catch {
    return null;
  }
}
