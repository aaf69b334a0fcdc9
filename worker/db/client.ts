import { NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";
import * as schema from "./schema.ts";

/** One call to Postgres may take this long (DESIGN §6). */
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
  // A signal given to neon() itself would end every later call too, hence a fresh one for each call.
  neonConfig.fetchFunction = (input: RequestInfo, init?: RequestInit) =>
    fetch(input, { ...init, signal: AbortSignal.timeout(DATABASE_TIMEOUT_MS) });
  const client = drizzle(neon(url), { schema });
  clients.set(key, client);
  return client;
}

/** Runs database work and turns every way of "not available" into {@link DatabaseUnavailable}. */
export async function withDatabase<T>(env: DatabaseEnv, work: (db: Database) => Promise<T>): Promise<T> {
  try {
    return await work(database(env));
  } catch (error) {
    throw isUnavailable(error) ? new DatabaseUnavailable("Postgres is not available", { cause: error }) : error;
  }
}

/** SQLSTATE classes that pass by themselves: connection, resources, operator intervention, serialization. */
const TRANSIENT_SQLSTATE = /^(08|53|57|40|25006|58)/;

function isUnavailable(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DatabaseUnavailable) return true;
    if (cause.name === "TimeoutError" || cause.name === "AbortError") return true;
    if (cause instanceof NeonDbError) return !cause.code || TRANSIENT_SQLSTATE.test(cause.code);
  }
  return false;
}
