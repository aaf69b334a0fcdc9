import { z } from "zod";
import { QUOTA_KINDS, QUOTAS, type QuotaLimits } from "./contract/quotas.ts";
import { type LoginSettings, loginSettings, parseLogin } from "./sso/settings.ts";

const wholeNumber = (min: number, max: number, fallback: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);

/** What no installation needs more of. */
const MAX_QUOTA = 1_000_000_000;

const quotaSchema = z.object(
  Object.fromEntries(QUOTA_KINDS.map((kind) => [QUOTAS[kind].setting, wholeNumber(1, MAX_QUOTA, QUOTAS[kind].limit)])),
);

const schema = z.object({
  HEARTBEAT_TTL_SEC: wholeNumber(1, 86_400, 120),
  PRESENCE_REPORT_INTERVAL_SEC: wholeNumber(1, 3_600, 110),
  FLEET_SHARDS: wholeNumber(1, 64, 1),
  LOG_LEVEL: z.enum(["debug", "info", "warning", "error"]).default("info"),
  MESSAGE_RETENTION_DAYS: wholeNumber(1, 3_650, 90),
  // Postgres keeps the last 30 days of the audit whatever this says.
  AUDIT_RETENTION_DAYS: wholeNumber(30, 3_650, 365),
  USAGE_RETENTION_DAYS: wholeNumber(1, 3_650, 400),
  ALLOWED_ORIGINS: z
    .string()
    .default("")
    .transform((list) => list.split(",").flatMap((origin) => origin.trim() || [])),
  ...loginSettings,
});

export interface Settings {
  ttlMs: number;
  reportIntervalMs: number;
  fleetShards: number;
  logLevel: "debug" | "info" | "warning" | "error";
  allowedOrigins: string[];
  retention: { messageDays: number; auditDays: number; usageDays: number };
  login: LoginSettings;
  quotas: QuotaLimits;
}

/** Suggested to clients that read it; the Python client keeps its own interval. */
const HEARTBEAT_INTERVAL_SEC = 30;

/** How often orchestrators are asked to beat. */
export function heartbeatIntervalSec(ttlMs: number): number {
  return Math.min(HEARTBEAT_INTERVAL_SEC, Math.ceil(ttlMs / 4000));
}

/** Settings that cannot be used. The message names them and tells nothing of their values. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

const cache = new WeakMap<Env, Settings | SettingsError>();

/** The environment, parsed once for each isolate. Throws a {@link SettingsError}. */
export function settingsOf(env: Env): Settings {
  const known = cache.get(env) ?? parse(env);
  cache.set(env, known);
  if (known instanceof SettingsError) throw known;
  return known;
}

function parse(env: Env): Settings | SettingsError {
  const [parsed, limits] = [schema.safeParse(env), quotaSchema.safeParse(env)];
  if (!parsed.success || !limits.success) {
    const issues = [...(parsed.error?.issues ?? []), ...(limits.error?.issues ?? [])];
    const names = issues.map(({ path }) => path.join("."));
    return new SettingsError(`invalid settings: ${names.join(", ")}`);
  }
  const raw = parsed.data;
  const { login, problems } = parseLogin(raw, isDevelopment);
  if (login.sso && !env.SECRETS_KEY) problems.push("SECRETS_KEY (single sign-on needs it)");
  if (problems.length > 0) return new SettingsError(`invalid settings: ${problems.join(", ")}`);
  return {
    ttlMs: raw.HEARTBEAT_TTL_SEC * 1000,
    reportIntervalMs: raw.PRESENCE_REPORT_INTERVAL_SEC * 1000,
    fleetShards: raw.FLEET_SHARDS,
    logLevel: raw.LOG_LEVEL,
    allowedOrigins: raw.ALLOWED_ORIGINS,
    retention: {
      messageDays: raw.MESSAGE_RETENTION_DAYS,
      auditDays: raw.AUDIT_RETENTION_DAYS,
      usageDays: raw.USAGE_RETENTION_DAYS,
    },
    login,
    quotas: Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, limits.data[QUOTAS[kind].setting]])) as QuotaLimits,
  };
}

/** Resolved at build time: `wrangler deploy` sets "production", and the development branches disappear. */
export const isDevelopment = process.env.NODE_ENV !== "production";
