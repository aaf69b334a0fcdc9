import { NeonDbError } from "@neondatabase/serverless";
import { openPglite } from "./backend-pglite.ts";
import { openPostgres } from "./backend-postgres.ts";
import { allowLogin, type MigrateResult, migrate } from "./migrate.ts";
import { type Endpoint, startEndpoint } from "./neon-endpoint.ts";
import { projectPath } from "./project.ts";
import { type DatabaseSettings, databaseAddress } from "./settings.ts";

/** Where the embedded database keeps its files. */
export const DATA_DIR = projectPath(".data/postgres");

/** Starts the endpoint over the embedded database, or over the PostgreSQL server at `postgres`. */
export async function startLocalDatabase(port: number, postgres?: string): Promise<Endpoint> {
  const backend = postgres === undefined ? await openPglite(DATA_DIR) : openPostgres(targetOf(postgres));
  try {
    return await startEndpoint({ backend, port });
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** Migrates, and for a local database gives the application role its password. */
export async function prepareDatabase({ url, ownerUrl, endpoint }: DatabaseSettings): Promise<MigrateResult> {
  const result = await migrate(ownerUrl, { endpoint });
  if (endpoint !== undefined) await allowLogin(ownerUrl, url, endpoint);
  return result;
}

/** Carries `task` out; when nothing answers there, what it throws says where that is and what to do. */
export async function onDatabase<T>(database: DatabaseSettings, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (!(error instanceof NeonDbError) || error.sourceError === undefined) throw error;
    const todo =
      database.endpoint === undefined
        ? "Check DATABASE_MIGRATION_URL and the network: it must be a Neon database."
        : "Start the controller (npm start) or only the database (npm run db:endpoint).";
    throw new Error(`No database answers at ${databaseAddress(database)}. ${todo}`, { cause: error });
  }
}

function targetOf(url: string) {
  const { hostname, port, pathname } = new URL(url);
  return { host: hostname, port: Number(port || 5432), database: decodeURIComponent(pathname.slice(1)) };
}
