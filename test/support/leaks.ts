import type { Stack } from "./stack.ts";

interface Place {
  where: string;
  text: string;
}

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; required?: boolean }[] }>>;
}

/** Values for the parameters of paths, by name. */
export type PathValues = Record<string, string>;

const ANSWERED = new Set([200, 404, 409]);

/** Every GET route of /openapi.json, with its parameters filled in. */
export async function getRoutes(stack: Stack, values: PathValues): Promise<string[]> {
  const { body } = await stack.controller.call("GET", "/openapi.json");
  const { paths } = body as unknown as Document;
  return Object.entries(paths).flatMap(([path, methods]) => {
    if (!methods.get) return [];
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${path}: no value for ${name}`);
      return encodeURIComponent(value);
    });
    const parameters = (methods.get.parameters ?? []).filter(({ in: place }) => place === "query");
    const widest = parameters.flatMap(({ name }) => WIDEST[name] ?? []);
    const variants = [url];
    if (widest.length > 0) variants.push(`${url}?${widest.join("&")}`);
    if (parameters.some(({ name }) => name === "format")) variants.push(`${url}?format=csv`);
    return variants;
  });
}

/** So that a route shows all it has. */
const WIDEST: Record<string, string> = {
  page_size: "page_size=100",
  limit: "limit=1000",
  include_independent: "include_independent=true",
};

/**
 * All that the controller shows or keeps: every GET route, the console, every row of Postgres, every row of the
 * objects named.
 */
export async function everything(stack: Stack, values: PathValues, orchestratorIds: string[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const path of await getRoutes(stack, values)) {
    const { status, text, headers } = await stack.controller.call("GET", path);
    if (!ANSWERED.has(status)) throw new Error(`GET ${path}: ${status} ${text.slice(0, 500)}`);
    places.push({ where: `GET ${path} (${status})`, text: text + JSON.stringify([...headers]) });
  }
  for (const log of stack.controller.getLogs()) places.push({ where: "console", text: JSON.stringify(log) });
  const tables = await stack.database.query(
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
  );
  for (const { table_name: table } of tables) {
    const rows = await stack.database.query(`SELECT to_jsonb(t)::text AS row FROM "${String(table)}" t`);
    for (const { row } of rows) places.push({ where: `table ${String(table)}`, text: String(row) });
  }
  for (const id of orchestratorIds) places.push(...(await objectRows(stack, "Orchestrator", id)));
  places.push(...(await objectRows(stack, "Fleet", "0/1")), ...(await objectRows(stack, "Auth", "auth")));
  return places;
}

async function objectRows(stack: Stack, className: "Orchestrator" | "Fleet" | "Auth", id: string): Promise<Place[]> {
  const tables = await stack.controller.sql(
    className,
    id,
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
  );
  const places: Place[] = [];
  for (const { name } of tables) {
    const rows = await stack.controller.sql(className, id, `SELECT * FROM "${String(name)}"`);
    places.push({ where: `${className} ${id}, table ${String(name)}`, text: JSON.stringify(rows) });
  }
  if (places.length === 0) throw new Error(`${className} ${id} has no tables`);
  return places;
}

/** Where one of the words stands, in clear or in base64. */
export function findLeaks(places: Place[], words: string[]): string[] {
  const needles = words.flatMap((word) => [
    word,
    Buffer.from(word)
      .toString("base64")
      .replace(/.{2}=*$/, ""),
  ]);
  return places.flatMap(({ where, text }) =>
    needles.filter((needle) => text.includes(needle)).map((needle) => `${needle} in ${where}: ${text.slice(0, 300)}`),
  );
}
