import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NeonDbError, type NeonQueryFunction } from "@neondatabase/serverless";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { neonClient } from "./neon-client.ts";
import { projectPath } from "./project.ts";

/** Any constant will do, as long as every release uses the same one. */
const LOCK = 7_305_801_991;
/** The role of the Worker, which the migrations make. */
export const APP_ROLE = "moolai_app";
const UNIQUE_VIOLATION = "23505";

export interface MigrateOptions {
  /** Address of a local endpoint; Neon's own when absent. */
  endpoint?: string | undefined;
  folder?: string;
}

export interface MigrateResult {
  applied: string[];
  total: number;
}

interface Migration {
  tag: string;
  hash: string;
  statements: string[];
}

type Client = NeonQueryFunction<false, false>;

/**
 * Brings the database behind `ownerUrl` to the newest migration. Each migration is one transaction with its journal
 * row, so a failed one leaves nothing. Refuses a database that this folder cannot have made.
 */
export async function migrate(ownerUrl: string, options: MigrateOptions = {}): Promise<MigrateResult> {
  const migrations = readMigrations(options.folder ?? projectPath("migrations"));
  const sql = neonClient(ownerUrl, options.endpoint);
  await sql.transaction([
    sql`SELECT pg_advisory_xact_lock(${LOCK})`,
    sql`CREATE TABLE IF NOT EXISTS schema_migrations (
      tag text PRIMARY KEY, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  ]);
  const pending = findPending(migrations, await readJournal(sql));
  const applied: string[] = [];
  for (const migration of pending) if (await apply(sql, migration)) applied.push(migration.tag);
  return { applied, total: migrations.length };
}

/** How many migrations the database has, of how many there are; 0 for an empty database. */
export async function migrationState(
  ownerUrl: string,
  { endpoint, folder }: MigrateOptions = {},
): Promise<{ applied: number; total: number }> {
  const total = readMigrations(folder ?? projectPath("migrations")).length;
  const sql = neonClient(ownerUrl, endpoint);
  const [table] = await sql`SELECT to_regclass('schema_migrations') IS NOT NULL AS exists`;
  return { applied: table?.exists === true ? (await readJournal(sql)).size : 0, total };
}

/**
 * Lets the role of `databaseUrl` log in with the password that stands there. For local databases only: on Neon the
 * password of a role is set where the secret is made.
 */
export async function allowLogin(ownerUrl: string, databaseUrl: string, endpoint?: string): Promise<void> {
  const { username, password } = new URL(databaseUrl);
  const role = decodeURIComponent(username);
  if (!(await setRolePassword(ownerUrl, role, decodeURIComponent(password), endpoint)))
    throw new Error(`DATABASE_URL names the role ${role}, which the database does not have. Its role is ${APP_ROLE}.`);
}

/**
 * Lets a role log in with this password; false when there is no such role. The password goes to the server as it is:
 * Neon takes no hashed ones.
 */
export async function setRolePassword(
  ownerUrl: string,
  role: string,
  password: string,
  endpoint?: string,
): Promise<boolean> {
  const sql = neonClient(ownerUrl, endpoint);
  const [row] =
    await sql`SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', ${role}::text, ${password}::text) AS statement,
    to_regrole(quote_ident(${role})) IS NOT NULL AS exists`;
  if (row?.exists !== true) return false;
  await sql.query(String(row.statement));
  return true;
}

function readMigrations(folder: string): Migration[] {
  const journal: { entries: { tag: string }[] } = JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8"));
  return readMigrationFiles({ migrationsFolder: folder }).map(({ sql, hash }, index) => ({
    tag: journal.entries[index]?.tag ?? hash,
    hash,
    statements: sql.filter((statement) => statement.trim() !== ""),
  }));
}

async function readJournal(sql: Client): Promise<Map<string, string>> {
  const rows = await sql`SELECT tag, hash FROM schema_migrations`;
  return new Map(rows.map((row) => [String(row.tag), String(row.hash)]));
}

function findPending(migrations: Migration[], journal: Map<string, string>): Migration[] {
  const known = new Set(migrations.map(({ tag }) => tag));
  const foreign = [...journal.keys()].filter((tag) => !known.has(tag));
  if (foreign.length > 0) {
    throw new Error(
      `The database is newer than this checkout: it has ${foreign.join(", ")}, which migrations/ does not. Update the checkout.`,
    );
  }
  const changed = migrations.find(({ tag, hash }) => journal.has(tag) && journal.get(tag) !== hash);
  if (changed) {
    throw new Error(
      `Migration ${changed.tag} was changed after it had been applied. Restore the file and put the change into a new migration. If all data is local and may go: without .data/ the database starts afresh.`,
    );
  }
  const pending = migrations.filter(({ tag }) => !journal.has(tag));
  const skipped = pending.find((migration) => migrations.indexOf(migration) < journal.size);
  if (skipped) {
    throw new Error(`Migration ${skipped.tag} comes before ones that are already applied. Give it a later place.`);
  }
  return pending;
}

/** False when somebody else has applied it since the journal was read. */
async function apply(sql: Client, { tag, hash, statements }: Migration): Promise<boolean> {
  try {
    await sql.transaction([
      sql`SELECT pg_advisory_xact_lock(${LOCK})`,
      sql`INSERT INTO schema_migrations (tag, hash) VALUES (${tag}, ${hash})`,
      ...statements.map((statement) => sql.query(statement)),
    ]);
    return true;
  } catch (error) {
    if (error instanceof NeonDbError && error.code === UNIQUE_VIOLATION && error.table === "schema_migrations") {
      return false;
    }
    throw new Error(`Migration ${tag} failed and left nothing behind: ${describe(error)}`, { cause: error });
  }
}

function describe(error: unknown): string {
  if (!(error instanceof NeonDbError)) return error instanceof Error ? error.message : String(error);
  return [error.message, error.detail, error.hint].filter(Boolean).join(". ");
}
