/** One SQL statement with its parameters in PostgreSQL's text format. */
export interface Statement {
  sql: string;
  params: (string | null)[];
}

export interface Field {
  name: string;
  tableID: number;
  columnID: number;
  dataTypeID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
}

/** Rows as PostgreSQL wrote them: text or null, in column order. */
export interface StatementResult {
  command: string;
  rowCount: number | null;
  fields: Field[];
  rows: (string | null)[][];
}

/** What runs statements behind the endpoint: PGlite, or a PostgreSQL server. */
export interface Backend {
  /**
   * Runs the statements in one session as `user`. With `begin`, they are one transaction opened by that statement;
   * without it there is exactly one statement, in its own transaction. Rejects with a {@link SqlError}.
   */
  run(request: RunRequest): Promise<StatementResult[]>;
  close(): Promise<void>;
}

export interface RunRequest {
  user: string;
  password: string;
  statements: Statement[];
  begin?: string | undefined;
  /** Fires when the caller has gone: a statement that waits is dropped, one that runs is cancelled if possible. */
  signal?: AbortSignal | undefined;
}

const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

/** A refusal with the fields that PostgreSQL reports, or an outage: the database could not be reached. */
export class SqlError extends Error {
  readonly fields: Record<string, string>;
  readonly isOutage: boolean;

  constructor(message: string, fields: Record<string, string> = {}, isOutage = false) {
    super(message);
    this.fields = fields;
    this.isOutage = isOutage;
  }

  /** Keeps the fields that the Neon protocol carries and drops everything else. */
  static from(error: unknown): SqlError {
    if (error instanceof SqlError) return error;
    if (!(error instanceof Error)) return new SqlError(String(error));
    const known = new Map<string, unknown>(Object.entries(error));
    const fields: Record<string, string> = {};
    for (const name of ERROR_FIELDS) {
      const value = known.get(name);
      if (typeof value === "string") fields[name] = value;
    }
    // Node's own errors (ECONNREFUSED…) have a code too, but no severity.
    const isOutage = fields.severity === undefined;
    return new SqlError(error.message || String(known.get("code") ?? error.name), isOutage ? {} : fields, isOutage);
  }
}

/** Splits a command tag ("INSERT 0 3") as Neon's proxy does. */
export function parseCommandTag(tag: string): Pick<StatementResult, "command" | "rowCount"> {
  const [command = "", ...counts] = tag.split(" ");
  const count = Number.parseInt(counts[command === "INSERT" ? 1 : 0] ?? "", 10);
  return { command, rowCount: Number.isNaN(count) ? null : count };
}
