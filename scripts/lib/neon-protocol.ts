import { type Field, SqlError, type Statement, type StatementResult } from "./backend.ts";

/** A request the endpoint understood. `begin` is set for a batch, which is one transaction. */
export interface NeonRequest {
  user: string;
  password: string;
  statements: Statement[];
  begin?: string;
  arrayMode: boolean;
  rawText: boolean;
}

type Headers = Record<string, string | string[] | undefined>;

const ISOLATION_LEVELS = new Map([
  ["Serializable", "SERIALIZABLE"],
  ["ReadUncommitted", "READ UNCOMMITTED"],
  ["ReadCommitted", "READ COMMITTED"],
  ["RepeatableRead", "REPEATABLE READ"],
]);

/** Reads body and headers as Neon's proxy does. Throws a {@link SqlError} for everything it would refuse. */
export function parseRequest(headers: Headers, body: string): NeonRequest {
  const { username, password } = credentials(header(headers, "neon-connection-string"));
  const parsed = parseBody(body);
  const isBatch = "queries" in parsed;
  if (isBatch && !Array.isArray(parsed.queries)) throw new SqlError('"queries" must be an array');
  const queries: unknown[] = isBatch && Array.isArray(parsed.queries) ? parsed.queries : [parsed];
  return {
    user: username,
    password,
    statements: queries.map(toStatement),
    ...(isBatch && { begin: beginStatement(headers) }),
    arrayMode: header(headers, "neon-array-mode") === "true",
    rawText: header(headers, "neon-raw-text-output") === "true",
  };
}

/** One result in the shape that the driver reads. */
export function encodeResult(result: StatementResult, { arrayMode, rawText }: NeonRequest): object {
  const decode = (value: string | null, field: Field | undefined) => (rawText ? value : toJson(value, field));
  const rows = result.rows.map((row) => {
    const values = row.map((value, column) => decode(value, result.fields[column]));
    return arrayMode ? values : Object.fromEntries(values.map((value, i) => [result.fields[i]?.name ?? "", value]));
  });
  const fields = result.fields.map((field) => ({
    name: field.name,
    dataTypeID: field.dataTypeID,
    tableID: field.tableID,
    columnID: field.columnID,
    dataTypeSize: field.dataTypeSize,
    dataTypeModifier: field.dataTypeModifier,
    format: "text",
  }));
  return { command: result.command, rowCount: result.rowCount, rows, fields, rowAsArray: arrayMode };
}

function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function credentials(connectionString: string | undefined): { username: string; password: string } {
  if (connectionString === undefined) throw new SqlError("the header Neon-Connection-String is missing");
  try {
    const url = new URL(connectionString);
    if (!/^postgres(ql)?:$/.test(url.protocol) || url.username === "") throw new Error("no user");
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    throw new SqlError("the header Neon-Connection-String is not a PostgreSQL URL with a user");
  }
}

function parseBody(body: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new SqlError("the body is not JSON");
  }
  if (!isObject(parsed)) throw new SqlError("the body must be an object");
  return parsed;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toStatement(query: unknown): Statement {
  if (!isObject(query) || typeof query.query !== "string") throw new SqlError('"query" must be a string');
  const params = query.params ?? [];
  if (!Array.isArray(params)) throw new SqlError('"params" must be an array');
  return { sql: query.query, params: params.map(toText) };
}

/** The driver sends strings and nulls; other clients of the protocol may send any JSON. */
function toText(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === "string") return value;
  return Array.isArray(value) ? toArrayLiteral(value) : JSON.stringify(value);
}

function toArrayLiteral(values: unknown[]): string {
  const items = values.map((value) => {
    if (Array.isArray(value)) return toArrayLiteral(value);
    const text = toText(value);
    return text === null ? "NULL" : JSON.stringify(text);
  });
  return `{${items.join(",")}}`;
}

function beginStatement(headers: Headers): string {
  const words = ["BEGIN"];
  const level = header(headers, "neon-batch-isolation-level");
  if (level !== undefined) {
    const name = ISOLATION_LEVELS.get(level);
    if (name === undefined) throw new SqlError(`invalid isolation level "${level}"`);
    words.push("ISOLATION LEVEL", name);
  }
  if (header(headers, "neon-batch-read-only") === "true") words.push("READ ONLY");
  if (header(headers, "neon-batch-deferrable") === "true") words.push("DEFERRABLE");
  return words.join(" ");
}

function toJson(value: string | null, field: Field | undefined): unknown {
  if (value === null) return null;
  switch (field?.dataTypeID) {
    case 16: // bool
      return value === "t";
    case 21: // int2
    case 23: // int4
    case 700: // float4
    case 701: // float8
      return Number.isFinite(Number(value)) ? Number(value) : value;
    case 114: // json
    case 3802: // jsonb
      return JSON.parse(value);
    default:
      return value;
  }
}
