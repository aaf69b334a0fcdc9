import { NeonDbError } from "@neondatabase/serverless";
import { openPglite } from "./backend-pglite.ts";
import { openPostgres } from "./backend-postgres.ts";
import { allowLogin, type MigrateResult, migrate } from "./migrate.ts";
import { neonClient } from "./neon-client.ts";
import { type Endpoint, startEndpoint } from "./neon-endpoint.ts";
import { projectPath } from "./project.ts";
import type { DatabaseSettings } from "./settings.ts";

const ANSWER_TIMEOUT_MS = 20_000;

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

/** Runs `task`; if no database answers or it refuses the connection, the error says so and what to do. */
export async function onDatabase<T>(
  database: DatabaseSettings,
  task: () => Promise<T>,
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
): Promise<T> {
  try {
    await assertAnswers(database, answerTimeoutMs);
    return await task();
  } catch (error) {
    const sentence = error instanceof NeonDbError ? explain(error, database) : undefined;
    throw sentence === undefined ? error : new Error(sentence, { cause: error });
  }
}

/** What is asked for may take long; whether anything is there to answer it is known soon. */
async function assertAnswers({ ownerUrl, endpoint }: DatabaseSettings, timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    await neonClient(ownerUrl, endpoint).query("SELECT 1", [], { fetchOptions: { signal } });
  } catch (error) {
    if (!signal.aborted) throw error;
    const { host } = new URL(endpoint ?? ownerUrl);
    throw new Error(
      `What listens at ${host} did not answer within ${timeoutMs / 1000} s. Is it the database that you mean?`,
    );
  }
}

function explain(error: NeonDbError, { ownerUrl, endpoint, postgres }: DatabaseSettings): string | undefined {
  if (error.sourceError !== undefined) {
    const todo =
      endpoint === undefined
        ? "Check DATABASE_MIGRATION_URL and the network: it must be a Neon database."
        : "Start the controller (npm start) or only the database (npm run db:endpoint).";
    return `No database answers at ${new URL(endpoint ?? ownerUrl).host}. ${todo}`;
  }
  const server = `PostgreSQL at ${new URL(postgres ?? ownerUrl).host}`;
  // What the endpoint, or Neon, answers when it reaches no database; the driver hands the body on as text.
  const outage = /^Server error \(HTTP status 5\d\d\): (.*)$/s.exec(error.message)?.[1];
  if (outage !== undefined) {
    return `${server} does not answer (${messageIn(outage)}). Start it, or correct its URL (DATABASE_MIGRATION_URL).`;
  }
  // Class 28 is a wrong role or password, 3D000 a database that does not exist.
  if (/^(28|3D)/.test(error.code ?? ""))
    return `${server} refuses the connection: ${error.message}. Correct its URL (DATABASE_MIGRATION_URL).`;
  return undefined;
}

function messageIn(body: string): string {
  try {
    return String(JSON.parse(body).message);
  } catch {
    return body.slice(0, 200);
  }
}

function targetOf(url: string) {
  const { hostname, port, pathname } = new URL(url);
  return { host: hostname, port: Number(port || 5432), database: decodeURIComponent(pathname.slice(1)) };
}
