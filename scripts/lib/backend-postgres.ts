import pg from "pg";
import { type Backend, type RunRequest, SqlError, type Statement, type StatementResult } from "./backend.ts";

/** Where the endpoint connects to; user and password come with each request. */
export interface PostgresTarget {
  host: string;
  port: number;
  database: string;
}

const RAW_TEXT = { getTypeParser: () => (value: string) => value };

/** Fronts a PostgreSQL server: one pool for each user that calls. */
export function openPostgres(target: PostgresTarget): Backend {
  return new PostgresBackend(target);
}

class PostgresBackend implements Backend {
  readonly #target: PostgresTarget;
  readonly #pools = new Map<string, pg.Pool>();

  constructor(target: PostgresTarget) {
    this.#target = target;
  }

  async run(request: RunRequest): Promise<StatementResult[]> {
    const pool = this.#pool(request.user, request.password);
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw SqlError.from(error);
    }
    const cancel = () => cancelStatement(pool, client);
    request.signal?.addEventListener("abort", cancel, { once: true });
    let broken = false;
    try {
      if (request.signal?.aborted) throw new SqlError("the caller has gone");
      return await session(client, request);
    } catch (error) {
      const failure = SqlError.from(error);
      broken = failure.isOutage;
      throw failure;
    } finally {
      request.signal?.removeEventListener("abort", cancel);
      await release(client, broken);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    this.#pools.clear();
  }

  #pool(user: string, password: string): pg.Pool {
    const key = `${user}\n${password}`;
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new pg.Pool({ ...this.#target, user, password, max: 16, connectionTimeoutMillis: 10_000 });
      // Without a listener a server that goes away while a connection idles would end this process.
      pool.on("error", () => {});
      this.#pools.set(key, pool);
    }
    return pool;
  }
}

async function session(client: pg.PoolClient, { statements, begin }: RunRequest): Promise<StatementResult[]> {
  if (begin !== undefined) await client.query(begin);
  try {
    const results: StatementResult[] = [];
    for (const statement of statements) results.push(await execute(client, statement));
    if (begin !== undefined) await client.query("COMMIT");
    return results;
  } catch (error) {
    if (begin !== undefined) await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

async function execute(client: pg.PoolClient, { sql, params }: Statement): Promise<StatementResult> {
  // The extended protocol takes one statement at a time, as Neon does; "simple" would run several.
  const config: pg.QueryArrayConfig & { queryMode: string } = {
    text: sql,
    values: params,
    rowMode: "array",
    types: RAW_TEXT,
    queryMode: "extended",
  };
  const { command, rowCount, fields, rows } = await client.query<(string | null)[]>(config);
  return { command: command ?? "", rowCount, fields, rows };
}

function cancelStatement(pool: pg.Pool, client: pg.PoolClient): void {
  const pid = "processID" in client ? client.processID : undefined;
  if (typeof pid === "number") pool.query("SELECT pg_cancel_backend($1)", [pid]).catch(() => {});
}

async function release(client: pg.PoolClient, broken: boolean): Promise<void> {
  if (broken) return client.release(true);
  try {
    await client.query("DISCARD ALL");
    client.release();
  } catch {
    client.release(true);
  }
}
