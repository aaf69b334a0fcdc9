import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { portFrom } from "./ports.ts";
import { projectPath } from "./project.ts";
import { findRunning } from "./running.ts";

const FILE = projectPath(".dev.vars");
const EXAMPLE = projectPath(".dev.vars.example");

/** The settings of `.dev.vars`, as the Worker sees them in development. */
export type DevVars = Partial<Record<string, string>>;

/** Makes `.dev.vars` from the example when there is none, and closes it to other users. Says what was done, if anything. */
export function prepareDevVars(file = FILE): string[] {
  if (!existsSync(file)) {
    writeFileSync(file, readFileSync(EXAMPLE), { mode: 0o600 });
    return ["Created .dev.vars from .dev.vars.example."];
  }
  // Windows has no such modes.
  if (process.platform === "win32" || (statSync(file).mode & 0o077) === 0) return [];
  chmodSync(file, 0o600);
  return ["Closed .dev.vars to other users of this machine (mode 0600), because it holds passwords."];
}

/** Reads `.dev.vars`, or the example while there is none. */
export function readDevVars(): DevVars {
  return parseEnv(devVarsText());
}

export function devVarsText(): string {
  return readFileSync(existsSync(FILE) ? FILE : EXAMPLE, "utf8");
}

export interface DatabaseSettings {
  /** Application role. */
  url: string;
  /** Owner role. */
  ownerUrl: string;
  /** The local endpoint; absent when `url` is a Neon database. */
  endpoint?: string;
  /** The PostgreSQL server behind the local endpoint; PGlite when absent. */
  postgres?: string;
}

/**
 * Three set-ups: a Neon database (no DATABASE_ENDPOINT), a PostgreSQL server behind the local endpoint (both
 * DATABASE_ENDPOINT and DATABASE_MIGRATION_URL), or the embedded database (DATABASE_ENDPOINT alone).
 */
export function databaseSettings(vars: DevVars): DatabaseSettings {
  const { DATABASE_URL: url, DATABASE_ENDPOINT: endpoint, DATABASE_MIGRATION_URL: owner } = vars;
  if (!url) throw new Error("DATABASE_URL is missing in .dev.vars.");
  assertPostgresUrl("DATABASE_URL", url);
  if (owner) assertPostgresUrl("DATABASE_MIGRATION_URL", owner);
  if (endpoint && !/^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/sql$/.test(endpoint))
    throw new Error("DATABASE_ENDPOINT must be an address of this machine, such as http://127.0.0.1:5488/sql.");
  if (endpoint) {
    const ownerUrl = owner || `postgresql://postgres@${new URL(url).host}/postgres`;
    return { url, ownerUrl, endpoint, ...(owner && { postgres: owner }) };
  }
  if (!owner) {
    throw new Error(
      "DATABASE_MIGRATION_URL is missing: set it to the owner's URL of the database (its direct host, without -pooler), in .dev.vars or the environment.",
    );
  }
  return { url, ownerUrl: owner };
}

/**
 * For the database tools: DATABASE_MIGRATION_URL in the environment names a Neon database, DATABASE_PORT a port of the
 * local one, whatever `.dev.vars` says. Without either, the local database is the one that this checkout runs.
 */
export function toolSettings(): DatabaseSettings {
  const owner = process.env.DATABASE_MIGRATION_URL;
  if (owner) {
    assertPostgresUrl("DATABASE_MIGRATION_URL", owner);
    return { url: owner, ownerUrl: owner };
  }
  const settings = databaseSettings(readDevVars());
  const port = process.env.DATABASE_PORT;
  if (port) return withPort(settings, port);
  if (settings.endpoint === undefined) return settings;
  const { database } = findRunning();
  // Never the usual port unasked: the database of another checkout may listen there.
  if (!database) {
    throw new Error(
      "The database of this checkout does not run. Start the controller (npm start) or only the database (npm run db:endpoint); or name another one with DATABASE_PORT or DATABASE_MIGRATION_URL.",
    );
  }
  return { ...settings, endpoint: database.endpoint };
}

/** Where its statements go, without role and password. */
export function databaseAddress({ ownerUrl, endpoint }: DatabaseSettings): string {
  return new URL(endpoint ?? ownerUrl).host;
}

/** Names the setting and not its value, which may hold a password. */
export function assertPostgresUrl(name: string, value: string): void {
  const isPostgres = URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol);
  if (!isPostgres || new URL(value).username === "")
    throw new Error(`${name} must be a URL like postgresql://user:password@host/database.`);
}

/** The same database at the local endpoint that is meant: on DATABASE_PORT, else the one that runs, else as it is set. */
export function withRunning(settings: DatabaseSettings): DatabaseSettings {
  const port = process.env.DATABASE_PORT;
  if (port) return withPort(settings, port);
  const { database } = findRunning();
  return database && settings.endpoint !== undefined ? { ...settings, endpoint: database.endpoint } : settings;
}

/** The same database with its local endpoint on another port. */
export function withPort(settings: DatabaseSettings, port: string | undefined): DatabaseSettings {
  if (port === undefined || settings.endpoint === undefined) return settings;
  const endpoint = new URL(settings.endpoint);
  endpoint.port = String(portFrom(port));
  return { ...settings, endpoint: endpoint.href };
}
