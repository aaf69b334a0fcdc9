import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { serialize } from "pg-protocol";
import {
  type Backend,
  parseCommandTag,
  type RunRequest,
  SqlError,
  type Statement,
  type StatementResult,
} from "./backend.ts";
import { errorCode, isAlive } from "./project.ts";

const OWNER = "postgres";

type Message = Awaited<ReturnType<PGlite["execProtocol"]>>["messages"][number];

/** Opens PGlite in a folder, or in memory when none is given, there from `template` if that is given. */
export async function openPglite(dataDir?: string, template?: Blob): Promise<Backend> {
  const unlock = dataDir === undefined ? () => {} : lock(dataDir);
  try {
    const database = await PGlite.create(dataDir, template && { loadDataDir: template });
    return new PgliteBackend(database, unlock);
  } catch (error) {
    unlock();
    // What PGlite's file system throws is no Error and has no message; a damaged folder ends in the middle of its code.
    const reason = error instanceof Error ? ` (${error.message.split("\n")[0]})` : "";
    throw new Error(
      `The embedded database in ${dataDir ?? "memory"} cannot be opened${reason}. Is its folder writable, and is there space on the disk? If its data may go, delete that folder and .data/wrangler.`,
      { cause: error },
    );
  }
}

/** Two processes on one folder destroy it, and PGlite does not look. */
export function lock(dataDir: string): () => void {
  const file = `${dataDir}.lock`;
  mkdirSync(dirname(dataDir), { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
    const holder = Number(readFileSync(file, "utf8"));
    if (holder !== process.pid && isAlive(holder)) {
      throw new Error(
        `The database in ${dataDir} is in use by process ${holder}. Stop that first; if it is something else, delete ${file}.`,
      );
    }
    writeFileSync(file, String(process.pid));
  }
  return () => rmSync(file, { force: true });
}

class PgliteBackend implements Backend {
  readonly #database: PGlite;
  readonly #onClose: () => void;
  #queue: Promise<unknown> = Promise.resolve();
  #status = "I";

  constructor(database: PGlite, onClose: () => void) {
    this.#database = database;
    this.#onClose = onClose;
  }

  run(request: RunRequest): Promise<StatementResult[]> {
    const turn = this.#queue.then(() => {
      if (request.signal?.aborted) throw new SqlError("the caller has gone");
      return this.#session(request);
    });
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#database.close();
    this.#onClose();
  }

  async #session({ user, statements, begin }: RunRequest): Promise<StatementResult[]> {
    try {
      if (user !== OWNER) await this.#assumeRole(user);
      if (begin !== undefined) await this.#execute({ sql: begin, params: [] });
      const results: StatementResult[] = [];
      for (const statement of statements) results.push(await this.#execute(statement));
      if (begin !== undefined) await this.#execute({ sql: "COMMIT", params: [] });
      return results;
    } finally {
      if (this.#status !== "I") await this.#execute({ sql: "ROLLBACK", params: [] });
      // The one session serves every caller: role, settings, locks and temporary tables must not outlive a request.
      await this.#execute({ sql: "DISCARD ALL", params: [] });
    }
  }

  async #assumeRole(user: string): Promise<void> {
    try {
      await this.#execute({ sql: `SET ROLE "${user.replaceAll('"', '""')}"`, params: [] });
    } catch (error) {
      throw new SqlError(SqlError.from(error).message, { severity: "FATAL", code: "28000" });
    }
  }

  /** Speaks the wire protocol itself: PGlite's query API parses values, and the endpoint must hand on the raw text. */
  async #execute({ sql, params }: Statement): Promise<StatementResult> {
    const request = Buffer.concat([
      serialize.parse({ text: sql }),
      serialize.bind({ values: params }),
      serialize.describe({ type: "P" }),
      serialize.execute(),
      serialize.sync(),
    ]);
    const { messages } = await this.#database.execProtocol(request, { throwOnError: false });
    return this.#collect(messages);
  }

  #collect(messages: Message[]): StatementResult {
    const result: StatementResult = { command: "", rowCount: null, fields: [], rows: [] };
    let failure: SqlError | undefined;
    for (const message of messages) {
      if (message.name === "error") failure ??= SqlError.from(message);
      else if (message.name === "readyForQuery" && "status" in message) this.#status = String(message.status);
      else if (message.name === "commandComplete" && "text" in message) {
        Object.assign(result, parseCommandTag(String(message.text)));
      } else if ("fields" in message && Array.isArray(message.fields)) {
        if (message.name === "dataRow") result.rows.push(message.fields);
        else result.fields = message.fields;
      }
    }
    if (failure) throw failure;
    return result;
  }
}
