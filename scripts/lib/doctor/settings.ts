import { settingsProblems } from "../../../worker/platform/configured.ts";
import { readSettings } from "../../../worker/platform/settings.ts";
import { type Finding, judge, ok, unchecked, wrong } from "./finding.ts";

/** The part of `wrangler.toml` that the examination reads. */
export interface WorkerConfig {
  define?: Record<string, string>;
  vars: Record<string, unknown>;
  triggers?: { crons?: string[] | undefined };
}

const SECRETS = ["DATABASE_URL", "SECRETS_KEY"] as const;
/** Secrets that not every deployment has. */
const OTHER_SECRETS = ["OIDC_CLIENT_SECRET"];

/** What `wrangler.toml` says, by itself. */
export function examineConfig({ define, vars, triggers }: WorkerConfig): Finding[] {
  const { warnings } = readSettings(vars, "production");
  const isSecret = (name: string) => [...SECRETS, ...OTHER_SECRETS].includes(name) || name.startsWith("DEV_");
  const secret = Object.keys(vars).filter(isSecret);
  return [
    judge(
      define?.DEVELOPMENT_BUILD === "false",
      "wrangler.toml defines the production build",
      "wrangler.toml does not define the production build",
      'Put `DEVELOPMENT_BUILD = "false"` back into `[define]`.',
    ),
    ...warnings.map((warning) => wrong(`wrangler.toml: ${warning}`, "docs/settings.md explains each setting.")),
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

/** The problems that the Worker would find in its variables and secrets in production. No finding contains a value. */
export function examineSettings(vars: Record<string, unknown>, secrets: Partial<Record<string, string>>): Finding[] {
  const problems = settingsProblems({ ...vars, ...secrets }, "production");
  if (problems.length === 0) return [ok("the settings are complete and valid")];
  return problems.map((problem) => wrong(problem, "Until this is fixed, API calls answer 503."));
}

/** By name only, because Cloudflare does not return the values of secrets. `names` null: they could not be listed. */
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
      "Delete it with `node scripts/run.mjs wrangler secret delete NAME`; until then every request answers 503 build_mismatch.",
    ),
  ];
}
