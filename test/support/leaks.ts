import { eventually } from "./eventually.ts";
import type { Stack } from "./stack.ts";
import { StreamClient } from "./stream-client.ts";
import { StreamState } from "./stream-state.ts";

export interface Place {
  where: string;
  text: string;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: { maximum?: number; enum?: string[] };
}

interface Document {
  paths: Record<string, Record<string, { parameters?: Parameter[] }>>;
}

/** Values for the parameters of paths, by name. */
export type PathValues = Record<string, string>;

// 426: the stream, which is followed apart.
const ANSWERED = new Set([200, 404, 409, 426]);

/** Every GET route of /openapi.json, with its parameters filled in. */
export async function getRoutes(stack: Stack, values: PathValues): Promise<string[]> {
  const { body } = await stack.controller.call("GET", "/openapi.json");
  const { paths } = body as unknown as Document;
  return Object.entries(paths).flatMap(([path, methods]) => {
    if (!methods.get) return [];
    const filled = (name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${path}: no value for ${name}`);
      return encodeURIComponent(value);
    };
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => filled(name));
    const parameters = (methods.get.parameters ?? []).filter(({ in: place }) => place === "query");
    const needed = parameters.flatMap(({ name, required }) => (required ? [`${name}=${filled(name)}`] : []));
    const widest = parameters.flatMap(({ name, schema }) => {
      if (name === "include_independent") return ["include_independent=true"];
      return schema?.maximum !== undefined && SIZES.has(name) ? [`${name}=${schema.maximum}`] : [];
    });
    const withQuery = (query: string[]) => (query.length > 0 ? `${url}?${query.join("&")}` : url);
    const variants = [withQuery(needed)];
    for (const value of parameters.find(({ name }) => name === "group_by")?.schema?.enum ?? []) {
      variants.push(withQuery([...needed, `group_by=${value}`]));
    }
    if (widest.length > 0) variants.push(withQuery([...needed, ...widest]));
    if (parameters.some(({ name }) => name === "format")) variants.push(withQuery([...needed, "format=csv"]));
    return variants;
  });
}

/** At their largest a route shows all it has. */
const SIZES = new Set(["page_size", "limit"]);

/**
 * All that the controller shows or keeps: every GET route, the console, every row of Postgres, every row of the
 * objects named.
 */
export async function everything(stack: Stack, values: PathValues, orchestratorIds: string[]): Promise<Place[]> {
  const places = await everyAnswer(stack, values);
  places.push({ where: "the stream", text: await wholeStream(stack) });
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

/** What every GET route answers somebody; what they may not see is refused to them. */
export async function everyAnswer(stack: Stack, values: PathValues, bearer?: string): Promise<Place[]> {
  const places: Place[] = [];
  for (const path of await getRoutes(stack, values)) {
    const { status, text, headers } = await stack.controller.call("GET", path, undefined, bearer ? { bearer } : {});
    if (!ANSWERED.has(status) && !(bearer && status === 403)) {
      throw new Error(`GET ${path}: ${status} ${text.slice(0, 500)}`);
    }
    places.push({ where: `GET ${path} (${status})`, text: text + JSON.stringify([...headers]) });
  }
  return places;
}

/** A snapshot, and every change that is kept. */
export async function wholeStream(stack: Stack, bearer?: string): Promise<string> {
  const { wsUrl } = stack.controller;
  const who = bearer ? { bearer } : {};
  const now = await (await StreamClient.open(wsUrl, who)).ready();
  const state = Object.assign(new StreamState(), { epoch: now.state.epoch, index: 0 });
  const changes = await StreamClient.open(wsUrl, { ...who, state });
  await eventually(() => {
    if ((state.index ?? 0) < (now.state.index ?? 0)) throw new Error(`the stream stands at ${state.index}`);
  });
  for (const client of [now, changes]) await client.kill();
  return JSON.stringify([now.frames, changes.frames]);
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
