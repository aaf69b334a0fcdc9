import { NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import { DrizzleQueryError } from "drizzle-orm";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import * as schema from "./schema.ts";

/** The longest time that one call to Postgres may take. */
export const DATABASE_TIMEOUT_MS = 5_000;

export type Database = NeonHttpDatabase<typeof schema>;

/** Postgres cannot be reached, is overloaded, or did not answer in time. */
export class DatabaseUnavailable extends Error {
  override name = "DatabaseUnavailable";
}

interface DatabaseEnv {
  DATABASE_URL?: string;
  DATABASE_ENDPOINT?: string;
}

const clients = new Map<string, Database>();

/** The database of this environment: Neon over HTTP, or the local endpoint that speaks the same protocol. */
export function database(env: DatabaseEnv): Database {
  const { DATABASE_URL: url, DATABASE_ENDPOINT: endpoint } = env;
  if (!url) throw new DatabaseUnavailable("DATABASE_URL is not set");
  const key = `${url} ${endpoint ?? ""}`;
  const known = clients.get(key);
  if (known) return known;
  if (endpoint) neonConfig.fetchEndpoint = endpoint;
  neonConfig.fetchFunction = fetchInTime;
  const client = drizzle(neon(url), { schema });
  clients.set(key, client);
  return client;
}

/**
 * One call with its own deadline. A signal passed to neon() would also end every later call. The timer is cleared
 * with the call, because a pending timer keeps a Durable Object from hibernating.
 */
async function fetchInTime(input: RequestInfo, init?: RequestInit): Promise<Response> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), DATABASE_TIMEOUT_MS);
  try {
    const response = await fetch(input, { ...init, signal: deadline.signal });
    return new Response(await response.arrayBuffer(), response);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs database work, and throws {@link DatabaseUnavailable} for every failure that another attempt may cure. */
export async function withDatabase<T>(env: DatabaseEnv, work: (db: Database) => Promise<T>): Promise<T> {
  try {
    return await work(database(env));
  } catch (error) {
    const cause = withoutParameters(error);
    throw isUnavailable(cause) ? new DatabaseUnavailable("Postgres is not available", { cause }) : cause;
  }
}

/** Drizzle puts the statement with all its values into the message, and messages are logged. The cause says enough. */
function withoutParameters(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? (error.cause ?? new Error("a statement failed")) : error;
}

/**
 * SQLSTATE classes that do not depend on the statement: connection, a password or database that is being changed (28,
 * 3D), resources, operator intervention, serialization. The same statement succeeds later.
 */
const TRANSIENT_SQLSTATE = /^(08|28|3D|53|57|40|25006|58)/;

/** SQLSTATE classes for bad values: data exception, integrity constraint violation. */
const REFUSED_SQLSTATE = /^2[23]/;

/** Whether Postgres refuses these values for good, while it accepts others. */
export function isRefused(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof NeonDbError) return REFUSED_SQLSTATE.test(cause.code ?? "");
  }
  return false;
}

function isUnavailable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DatabaseUnavailable) return true;
    if (cause.name === "TimeoutError" || cause.name === "AbortError") return true;
    if (cause instanceof NeonDbError) return !cause.code || TRANSIENT_SQLSTATE.test(cause.code);
  }
  return false;
}
