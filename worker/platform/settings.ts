import { z } from "zod";
import type { Role } from "../contract/actor.ts";
import { QUOTA_KINDS, QUOTAS, type QuotaLimits } from "../contract/quotas.ts";
import { type LoginSettings, loginSettings, parseLogin } from "../sso/settings.ts";

/**
 * Which of the two builds this is. `wrangler.toml` defines DEVELOPMENT_BUILD as false and only the development
 * commands define it as true, so no environment variable can deploy development code. Development code branches on
 * DEVELOPMENT_BUILD itself, because the bundler does not carry a constant across modules. In Node, which does not
 * bundle, the constant is missing.
 */
export const BUILD: Build =
  typeof DEVELOPMENT_BUILD !== "undefined" && DEVELOPMENT_BUILD ? "development" : "production";

export type Build = "development" | "production";

/** A whole number written in digits: `1e1` and `0x10` are mistakes. Variables of `wrangler.toml` may be numbers. */
function wholeNumber(min: number, max: number, fallback: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce
    .string()
    .trim()
    .regex(/^\d{1,12}$/, { error })
    .transform(Number)
    .pipe(z.number({ error }).min(min, { error }).max(max, { error }))
    .default(fallback);
}

const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** More than any installation needs. */
const MAX_QUOTA = 1_000_000_000;

const quotaSchema = z.object(
  Object.fromEntries(QUOTA_KINDS.map((kind) => [QUOTAS[kind].setting, wholeNumber(1, MAX_QUOTA, QUOTAS[kind].limit)])),
);

const schema = z.object({
  HEARTBEAT_TTL_SEC: wholeNumber(1, 86_400, 120),
  PRESENCE_REPORT_INTERVAL_SEC: wholeNumber(1, 3_600, 110),
  FLEET_SHARDS: wholeNumber(1, 64, 1),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).default("info"),
  MESSAGE_RETENTION_DAYS: wholeNumber(1, 3_650, 90),
  // Postgres keeps the last 30 days of the audit whatever this says.
  AUDIT_RETENTION_DAYS: wholeNumber(30, 3_650, 365),
  USAGE_RETENTION_DAYS: wholeNumber(1, 3_650, 400),
  ALLOWED_ORIGINS: z.string({ error: "must be a text" }).default(""),
  DEV_ALLOWED_HOSTS: z.string({ error: "must be a text" }).default(""),
  ...loginSettings,
});

/** Settings that are read elsewhere: secrets, those of development, and one that the tools read from the same file. */
const OTHER_SETTINGS = [
  "DATABASE_URL",
  "DATABASE_ENDPOINT",
  "DATABASE_MIGRATION_URL",
  "SECRETS_KEY",
  "DEV_BEARER_TOKEN",
  "DEV_ADMIN_USERNAME",
  "DEV_ADMIN_PASSWORD",
  "DEV_FRONT_KEY",
];
const KNOWN_SETTINGS = new Set([...Object.keys(schema.shape), ...Object.keys(quotaSchema.shape), ...OTHER_SETTINGS]);

export interface Settings {
  ttlMs: number;
  reportIntervalMs: number;
  fleetShards: number;
  logLevel: (typeof LOG_LEVELS)[number];
  allowedOrigins: string[];
  /** Hosts, beside those of loopback, under which the development build answers. */
  developmentHosts: string[];
  retention: { messageDays: number; auditDays: number; usageDays: number };
  login: LoginSettings;
  quotas: QuotaLimits;
}

/** Suggested to clients that read it; the Python client keeps its own interval. */
const HEARTBEAT_INTERVAL_SEC = 30;

/** The heartbeat interval suggested to orchestrators. */
export function heartbeatIntervalSec(ttlMs: number): number {
  return Math.min(HEARTBEAT_INTERVAL_SEC, Math.ceil(ttlMs / 4000));
}

/** Unusable settings. The message names them and contains none of their values. */
export class SettingsError extends Error {
  override name = "SettingsError";
}

/** The meaning of a set of settings. Its sentences name a setting and its allowed values, and never repeat a value. */
export interface ReadSettings {
  /** Null when there is an error. */
  settings: Settings | null;
  /** Problems that keep the controller from working. */
  errors: string[];
  /** Settings that work, but hardly as intended. */
  warnings: string[];
}

/** Reads the variables and secrets of an environment, and skips bindings, which are neither texts nor numbers. */
export function readSettings(env: object, build: Build): ReadSettings {
  const mismatch = buildMismatch(env, build);
  const [parsed, limits] = [schema.safeParse(env), quotaSchema.safeParse(env)];
  const errors = mismatch === null ? [] : [mismatch];
  for (const { path, message } of [...(parsed.error?.issues ?? []), ...(limits.error?.issues ?? [])]) {
    errors.push(`${path.join(".")} ${message}`);
  }
  const warnings = unknownSettings(env).map((name) => `${name} is not a setting of the controller and is ignored`);
  if (!parsed.success || !limits.success) return { settings: null, errors, warnings };
  const raw = parsed.data;
  const { login, problems, warnings: loginWarnings } = parseLogin(raw, build === "development");
  errors.push(...problems);
  warnings.push(...loginWarnings);
  if (login.sso && !Reflect.get(env, "SECRETS_KEY")) errors.push("SECRETS_KEY is missing, and single sign-on needs it");
  const origins = readOrigins(raw.ALLOWED_ORIGINS);
  warnings.push(...origins.warnings);
  if (raw.PRESENCE_REPORT_INTERVAL_SEC >= raw.HEARTBEAT_TTL_SEC) {
    warnings.push(
      "PRESENCE_REPORT_INTERVAL_SEC should be below HEARTBEAT_TTL_SEC: orchestrators that beat steadily will show as inactive",
    );
  }
  const settings: Settings = {
    ttlMs: raw.HEARTBEAT_TTL_SEC * 1000,
    reportIntervalMs: raw.PRESENCE_REPORT_INTERVAL_SEC * 1000,
    fleetShards: raw.FLEET_SHARDS,
    logLevel: raw.LOG_LEVEL,
    allowedOrigins: origins.origins,
    developmentHosts: listOf(raw.DEV_ALLOWED_HOSTS).map((host) => host.toLowerCase()),
    retention: {
      messageDays: raw.MESSAGE_RETENTION_DAYS,
      auditDays: raw.AUDIT_RETENTION_DAYS,
      usageDays: raw.USAGE_RETENTION_DAYS,
    },
    login,
    quotas: Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, limits.data[QUOTAS[kind].setting]])) as QuotaLimits,
  };
  return { settings: errors.length === 0 ? settings : null, errors, warnings };
}

/**
 * Why this build must not run with these settings at all, or null. Development takes both the build and a setting
 * that asks for it. One without the other is a mistake on its way to the internet.
 */
export function buildMismatch(env: object, build: Build): string | null {
  const settings = Object.entries(env).filter(([name]) => name.startsWith("DEV_"));
  if (build === "production" && settings.length > 0) {
    const names = settings.map(([name]) => name).join(", ");
    return `This is the production build, which must not have development settings: delete ${names}`;
  }
  if (build === "development" && settings.every(([, value]) => value === "")) {
    return "This is the development build, and no DEV_ setting asks for it: set one, or deploy with `npm run deploy`";
  }
  return null;
}

const cache = new WeakMap<object, ReadSettings>();

/** {@link readSettings} of this isolate's environment, done once. */
export function settingsRead(env: Env): ReadSettings {
  const known = cache.get(env) ?? readSettings(env, BUILD);
  cache.set(env, known);
  return known;
}

/** The settings of this isolate's environment. Throws a {@link SettingsError}. */
export function settingsOf(env: Env): Settings {
  const { settings, errors } = settingsRead(env);
  if (settings === null) throw new SettingsError(errors.join("; "));
  return settings;
}

function readOrigins(list: string): { origins: string[]; warnings: string[] } {
  const entries = listOf(list).map((entry) => originOf(entry));
  const malformed = entries.flatMap((origin, index) => (origin === null ? [index + 1] : []));
  const warnings = malformed.map(
    (place) => `Entry ${place} of ALLOWED_ORIGINS is not an origin such as https://app.example.com and is ignored`,
  );
  return { origins: entries.filter((origin) => origin !== null), warnings };
}

/** The origin that a text names, in the form that browsers send; null when it names none, or more than an origin. */
function originOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, pathname, search, hash, username, password } = new URL(text);
  const isMore = `${search}${hash}${username}${password}` !== "" || pathname !== "/";
  // The parser accepts a wildcard as a host name, but it would match nothing.
  return /^https?:$/.test(protocol) && !isMore && !origin.includes("*") ? origin : null;
}

function listOf(text: string): string[] {
  return text.split(",").flatMap((entry) => entry.trim() || []);
}

/** The names of unknown variables and secrets. Other types are bindings, and `__` belongs to the runtime. */
function unknownSettings(env: object): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    ["string", "number"].includes(typeof value) && !KNOWN_SETTINGS.has(name) && !name.startsWith("__") ? [name] : [],
  );
}

/** Whether this role may log in with a password. Where everybody uses single sign-on, passwords are for emergencies. */
export function mayUsePassword(env: Env, role: Role): boolean {
  return settingsOf(env).login.localLogin === "everyone" || role === "superadmin";
}
