import { settingsProblems } from "../../../worker/middleware/settings.ts";
import { type Finding, judge, ok, unchecked, wrong } from "./finding.ts";

/** The part of `wrangler.toml` that the examination reads. */
export interface WorkerConfig {
  minify?: boolean | undefined;
  vars: Record<string, unknown>;
  triggers?: { crons?: string[] | undefined };
}

const SECRETS = ["DATABASE_URL", "SECRETS_KEY"] as const;

/** What `wrangler.toml` says, by itself. */
export function examineConfig({ minify, vars, triggers }: WorkerConfig): Finding[] {
  const [ttl, interval] = [Number(vars.HEARTBEAT_TTL_SEC ?? 120), Number(vars.PRESENCE_REPORT_INTERVAL_SEC ?? 110)];
  const secret = [...SECRETS, "DEV_BEARER_TOKEN", "DEV_ADMIN_PASSWORD"].filter((name) => name in vars);
  return [
    judge(minify === true, "wrangler.toml minifies", "wrangler.toml does not minify", MINIFY),
    judge(
      interval < ttl,
      `an orchestrator is reported every ${interval} s, within the ${ttl} s after which it counts as gone`,
      `PRESENCE_REPORT_INTERVAL_SEC (${interval}) is not below HEARTBEAT_TTL_SEC (${ttl})`,
      "Lower the first or raise the second, or orchestrators that beat steadily show as inactive.",
    ),
    judge(
      (triggers?.crons?.length ?? 0) > 0,
      "a cron trigger repairs and cleans",
      "wrangler.toml has no cron trigger",
      "Put `[triggers] crons` back, or rows are neither repaired nor deleted when they are old.",
    ),
    judge(
      secret.length === 0,
      "wrangler.toml holds no secret",
      `wrangler.toml holds ${secret.join(", ")} for everyone who reads the repository`,
      "Take it out, set it with `node scripts/run.mjs wrangler secret put NAME`, and replace the value: it is in the history.",
    ),
  ];
}

const MINIFY = "Set `minify = true`, or code for development stays in the production bundle.";

/** What the Worker would say of its variables and secrets in production. Values appear in no finding. */
export function examineSettings(vars: Record<string, unknown>, secrets: Partial<Record<string, string>>): Finding[] {
  const problems = settingsProblems({ ...vars, ...secrets }, "production");
  if (problems.length === 0) return [ok("the settings are complete and valid")];
  return problems.map((problem) => wrong(problem, "Until this is mended, every API call answers 503 config_error."));
}

/** By name alone: Cloudflare does not give the values of secrets back. `names` null: it could not be asked. */
export function examineSecretNames(names: string[] | null): Finding[] {
  if (names === null) {
    const todo = "Log in with `node scripts/run.mjs wrangler login`, or name a file of them: `-- --secrets-file FILE`.";
    return [unchecked("the secrets of the deployment could not be listed", todo)];
  }
  const missing = SECRETS.filter((name) => !names.includes(name));
  const development = names.filter((name) => name.startsWith("DEV_"));
  return [
    judge(
      missing.length === 0,
      `the deployment has ${SECRETS.join(" and ")}`,
      `the deployment lacks ${missing.join(" and ")}`,
      "Set it with `node scripts/run.mjs wrangler secret put NAME`; until then every API call answers 503 config_error.",
    ),
    judge(
      development.length === 0,
      "the deployment has no setting of development",
      `the deployment has ${development.join(", ")}, which is for development`,
      "Delete it with `node scripts/run.mjs wrangler secret delete NAME`; until then every API call answers 503 config_error.",
    ),
  ];
}
