import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NeonDbError, type NeonQueryFunction } from "@neondatabase/serverless";
import { neonClient } from "./neon-client.ts";
import { projectPath } from "./project.ts";

/** Any constant will do, as long as every release uses the same one. */
const LOCK = 7_305_801_991;
/** The role of the Worker, which migrations/repeatable/role.sql makes. */
export const APP_ROLE = "moolai_app";
const UNIQUE_VIOLATION = "23505";
const BETWEEN_STATEMENTS = "--> statement-breakpoint";
/** The first migration of the databases from before the first release. */
const FORMER_FIRST = "0000_tables";

export interface MigrateOptions {
  /** Address of a local endpoint; Neon's own when absent. */
  endpoint?: string | undefined;
  folder?: string;
}

export interface MigrateResult {
  /** Tags of migrations, and `repeatable/…` for the files that had changed. */
  applied: string[];
  total: number;
}

interface SqlFile {
  tag: string;
  hash: string;
  statements: string[];
}

type Client = NeonQueryFunction<false, false>;
type Journal = ReadonlyMap<string, string>;

/**
 * Brings the database behind `ownerUrl` to this checkout: each migration once, in order, then all repeatable files
 * (functions, triggers, rights) if one of them differs from what was applied last. Each migration is one transaction with
 * its journal row, and so are all repeatable files together: what fails leaves nothing. Refuses a database that this folder
 * cannot have made.
 */
export async function migrate(ownerUrl: string, options: MigrateOptions = {}): Promise<MigrateResult> {
  const { migrations, repeatable } = readFolder(options.folder);
  const sql = neonClient(ownerUrl, options.endpoint);
  await sql.transaction([
    sql`SELECT pg_advisory_xact_lock(${LOCK})`,
    sql`CREATE TABLE IF NOT EXISTS schema_migrations (
      tag text PRIMARY KEY, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  ]);
  const journal = await readJournal(sql);
  const applied: string[] = [];
  for (const migration of findPending(migrations, journal)) {
    if (await apply(sql, migration)) applied.push(migration.tag);
  }
  // Another run may have applied them since.
  const changed = findChanged(repeatable, await readJournal(sql)).map(({ tag }) => tag);
  if (changed.length > 0) {
    await applyRepeatable(sql, repeatable).catch((error: unknown) => {
      const kept =
        applied.length > 0 ? ` These migrations were applied before that and stay: ${applied.join(", ")}.` : "";
      const what = `Applying ${changed.join(", ")} failed and left nothing behind`;
      throw new Error(`${what}: ${describe(error)}${kept && `.${kept}`}`, { cause: error });
    });
  }
  return { applied: [...applied, ...changed], total: migrations.length };
}

/** How many migrations the database has, of how many there are, and which repeatable files differ from what it has. */
export async function migrationState(
  ownerUrl: string,
  { endpoint, folder }: MigrateOptions = {},
): Promise<{ applied: number; total: number; changed: string[] }> {
  const { migrations, repeatable } = readFolder(folder);
  const sql = neonClient(ownerUrl, endpoint);
  const [table] = await sql`SELECT to_regclass('schema_migrations') IS NOT NULL AS exists`;
  const journal: Journal = table?.exists === true ? await readJournal(sql) : new Map();
  return {
    applied: [...journal.keys()].filter((tag) => !isRepeatable(tag)).length,
    total: migrations.length,
    changed: findChanged(repeatable, journal).map(({ tag }) => tag),
  };
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

function readFolder(folder = projectPath("migrations")): { migrations: SqlFile[]; repeatable: SqlFile[] } {
  const { entries }: { entries: { tag: string }[] } = JSON.parse(
    readFileSync(join(folder, "meta/_journal.json"), "utf8"),
  );
  const names = readdirSync(join(folder, "repeatable")).filter((name) => name.endsWith(".sql"));
  return {
    migrations: entries.map(({ tag }) => readSql(folder, tag)),
    repeatable: names.sort().map((name) => readSql(folder, `repeatable/${name.replace(/\.sql$/, "")}`)),
  };
}

function readSql(folder: string, tag: string): SqlFile {
  const text = readFileSync(join(folder, `${tag}.sql`), "utf8");
  return {
    tag,
    hash: createHash("sha256").update(text).digest("hex"),
    statements: text.split(BETWEEN_STATEMENTS).filter((statement) => statement.trim() !== ""),
  };
}

/** Waits for a transaction of another run, so that its rows are read too. */
async function readJournal(sql: Client): Promise<Journal> {
  const [, rows = []] = await sql.transaction([
    sql`SELECT pg_advisory_xact_lock(${LOCK})`,
    sql`SELECT tag, hash FROM schema_migrations`,
  ]);
  return new Map(rows.map((row) => [String(row.tag), String(row.hash)]));
}

function isRepeatable(tag: string): boolean {
  return tag.startsWith("repeatable/");
}

function findChanged(repeatable: SqlFile[], journal: Journal): SqlFile[] {
  return repeatable.filter(({ tag, hash }) => journal.get(tag) !== hash);
}

function findPending(migrations: SqlFile[], journal: Journal): SqlFile[] {
  if (journal.has(FORMER_FIRST)) {
    throw new Error(
      "This database was made by a version from before the first release, and its data cannot be taken over. Delete the folder .data/, or rename it to keep a copy, and start again. If DATABASE_MIGRATION_URL names a database of your own, create a new, empty one as well.",
    );
  }
  const known = new Set(migrations.map(({ tag }) => tag));
  const applied = [...journal.keys()].filter((tag) => !isRepeatable(tag));
  const foreign = applied.filter((tag) => !known.has(tag));
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
  const skipped = pending.find((migration) => migrations.indexOf(migration) < applied.length);
  if (skipped) {
    throw new Error(`Migration ${skipped.tag} comes before ones that are already applied. Give it a later place.`);
  }
  return pending;
}

/** False when somebody else has applied it since the journal was read. */
async function apply(sql: Client, { tag, hash, statements }: SqlFile): Promise<boolean> {
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

/**
 * All of them, also those that did not change: role.sql must be applied after a function was made anew. In the order of
 * their names, so that a function that is checked against others finds them.
 */
async function applyRepeatable(sql: Client, files: SqlFile[]): Promise<void> {
  await sql.transaction([
    sql`SELECT pg_advisory_xact_lock(${LOCK})`,
    ...files.flatMap(({ tag, hash, statements }) => [
      ...statements.map((statement) => sql.query(statement)),
      sql`INSERT INTO schema_migrations (tag, hash) VALUES (${tag}, ${hash})
        ON CONFLICT (tag) DO UPDATE SET hash = excluded.hash, applied_at = now()`,
    ]),
  ]);
}

function describe(error: unknown): string {
  if (!(error instanceof NeonDbError)) return error instanceof Error ? error.message : String(error);
  return [error.message, error.detail, error.hint].filter(Boolean).join(". ");
}
