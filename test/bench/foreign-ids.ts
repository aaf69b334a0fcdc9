import { randomUUID } from "node:crypto";
import { type Controller, startController } from "../support/controller.ts";
import { startDatabase } from "../support/database.ts";

/**
 * Whether the time of an answer tells an id of another organization from one that nobody has. One pair after the other, in
 * turns: the first call of a pair is now the foreign and now the unknown id. Each pair has ids of its own, so that both sides
 * are equally new to caches and to the notes of refusals. PAIRS in the environment for more or fewer than 200, ONLY for the routes whose
 * actor, method and path match an expression.
 */
const PAIRS = Number(process.env.PAIRS || 200);
const ONLY = new RegExp(process.env.ONLY ?? "");
const WARM_UP = 10;
const OWN = "bench-own";
const PASSWORD = "measured violet anchors drift";
const CONTROLLER = "/api/v1/controller";
const INTERNAL = "/api/v1/internal";

type Ids = Record<"organization_id" | "orchestrator_id" | "message_id" | "user_id" | "key_id" | "revision", string>;

/** Bodies of the routes that name an id in one, or need one. */
const BODIES: Record<string, (ids: Ids) => object> = {
  [`POST ${CONTROLLER}/organizations`]: ({ organization_id }) => ({ organization_id, name: "again" }),
  [`PUT ${CONTROLLER}/organizations/{organization_id}`]: () => ({ name: "again" }),
  [`PUT ${CONTROLLER}/organizations/{organization_id}/config`]: () => ({ settings: { a: 1 } }),
  [`PUT ${CONTROLLER}/organizations/{organization_id}/features`]: () => ({ features: { a: true } }),
  [`POST ${CONTROLLER}/organizations/{organization_id}/join-tokens`]: () => ({}),
  [`POST ${INTERNAL}/orchestrators/{orchestrator_id}/send`]: () => ({ type: "note" }),
  [`POST ${CONTROLLER}/orchestrator-instances`]: (ids) => ({ ...of(ids), orchestrator_id: `new-${randomUUID()}` }),
  [`POST ${INTERNAL}/orchestrators/register`]: of,
  [`POST ${INTERNAL}/orchestrators/heartbeat`]: ({ orchestrator_id }) => ({ orchestrator_id }),
  [`PUT ${INTERNAL}/orchestrators/{orchestrator_id}/independence`]: () => ({ is_independent: false }),
  [`POST ${INTERNAL}/orchestrators/{orchestrator_id}/messages`]: () => ({ message_type: "monitoring", content: "x" }),
  [`PUT ${INTERNAL}/messages/{message_id}/status`]: () => ({ status: "accepted" }),
  [`POST ${CONTROLLER}/orchestrators/{orchestrator_id}/tokens`]: () => ({}),
  [`POST ${INTERNAL}/orchestrators/{orchestrator_id}/tokens`]: () => ({}),
  [`POST ${CONTROLLER}/api-tokens`]: (ids) => ({ name: "x", scopes: ["read"], organizations: [ids.organization_id] }),
  [`POST ${CONTROLLER}/users`]: (ids) => ({
    username: `u-${randomUUID()}`,
    role: "viewer",
    organizations: [ids.organization_id],
  }),
  [`PUT ${CONTROLLER}/users/{user_id}`]: () => ({ role: "viewer" }),
  [`POST ${CONTROLLER}/users/{user_id}/links`]: () => ({ purpose: "reset" }),
};

function of({ organization_id, orchestrator_id }: Ids): object {
  return { organization_id, orchestrator_id };
}

const database = await startDatabase("postgres");
const controller = await startController({ database });
try {
  const own = await belongingsOf(OWN);
  const foreign: Ids[] = [];
  for (let pair = 0; pair < WARM_UP + PAIRS; pair++) foreign.push(await belongingsOf(`bench-foreign-${pair}`));
  const unknown = foreign.map(nowhere);
  const actors = { admin: await adminOf(OWN), agent: own.agentToken };
  console.log(`${PAIRS} pairs per route; ms from the request to the whole answer: median, and the middle half`);
  const odd: string[] = [];
  for (const [who, bearer] of Object.entries(actors)) {
    for (const route of await routes()) {
      const name = `${who} ${route.name}`;
      const result = ONLY.test(name) ? await measure(route, foreign, unknown, bearer) : null;
      if (result === null) continue;
      console.log(`  ${result.text}  ${name}`);
      if (result.isOdd) odd.push(name);
    }
  }
  console.log(odd.length === 0 ? "No route tells them apart." : `Look at: ${odd.join(", ")}`);
} finally {
  await controller.stop();
  await database.stop();
}

interface Route {
  name: string;
  method: string;
  /** With `{…}` for the ids. */
  path: string;
}

/** Every route that takes an id, with each filter that takes one. */
async function routes(): Promise<Route[]> {
  const { body } = await controller.call("GET", "/openapi.json");
  const found: Route[] = [];
  for (const [path, methods] of Object.entries(body.paths ?? {})) {
    for (const [method, route] of Object.entries(methods ?? {})) {
      const name = `${method.toUpperCase()} ${path}`;
      const parameters = (route?.parameters ?? []) as unknown as { in: string; name: string }[];
      const filters = parameters
        .filter((one) => one.in === "query" && ["organization_id", "orchestrator_id"].includes(one.name))
        .map((one) => `${one.name}={${one.name}}`);
      if (path.endsWith("/heartbeats")) filters.push("ids={orchestrator_id}");
      const template = filters.length > 0 ? `${path}?${filters.join("&")}` : path;
      if (template.includes("{") || name in BODIES) found.push({ name, method: method.toUpperCase(), path: template });
    }
  }
  return found;
}

/** Null where the actor may not use the route at all, which is refused before anything is looked up. */
async function measure({ name, method, path }: Route, foreign: Ids[], unknown: Ids[], bearer: string) {
  const ask = async (ids: Ids) => {
    const address = path.replaceAll(/\{(\w+)\}/g, (_, key: string) => ids[key as keyof Ids]);
    const body = BODIES[name]?.(ids);
    const start = performance.now();
    const { status, text } = await controller.call(method, address, body, { bearer });
    return { ms: performance.now() - start, status, text };
  };
  const times: Record<"foreign" | "unknown", number[]> = { foreign: [], unknown: [] };
  let expected: number | null = null;
  for (const [pair, theirs] of foreign.entries()) {
    const order = [["foreign", theirs] as const, ["unknown", unknown[pair] ?? nowhere()] as const];
    for (const [side, ids] of pair % 2 === 0 ? order : order.toReversed()) {
      const { ms, status, text } = await ask(ids);
      if (status === 401 || text.includes("This is not allowed")) return null;
      expected ??= status;
      if (status !== expected)
        throw new Error(`${name}: ${expected}, then ${status} ${text} for an id that is ${side}`);
      if (pair >= WARM_UP) times[side].push(ms);
    }
  }
  return compare(expected ?? 0, times.foreign, times.unknown);
}

/**
 * The median of the differences within pairs lies in the printed interval with 99.9 % certainty. A route is odd when the interval
 * excludes 0, and the difference is more than 2 % of the time.
 */
function compare(status: number, foreign: number[], unknown: number[]): { text: string; isOdd: boolean } {
  const differences = foreign.map((ms, index) => ms - (unknown[index] ?? 0)).sort((a, b) => a - b);
  const reach = (3.29 * Math.sqrt(PAIRS)) / 2;
  const low = differences[Math.max(0, Math.floor(PAIRS / 2 - reach))] ?? 0;
  const high = differences[Math.min(PAIRS - 1, Math.ceil(PAIRS / 2 + reach))] ?? 0;
  const ratio = at(foreign, 0.5) / at(unknown, 0.5);
  const isOdd = (low > 0 || high < 0) && Math.abs(ratio - 1) > 0.02;
  const spread = (values: number[]) =>
    `${at(values, 0.5).toFixed(2)} (${at(values, 0.25).toFixed(2)}–${at(values, 0.75).toFixed(2)})`;
  const interval = `[${low.toFixed(2)}, ${high.toFixed(2)}]`;
  const text = `${status} foreign ${spread(foreign)}, unknown ${spread(unknown)}, ratio ${ratio.toFixed(3)}, difference in ${interval}${isOdd ? " ODD" : ""}`;
  return { text, isOdd };
}

function at(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

function nowhere(): Ids {
  const id = randomUUID();
  return {
    organization_id: `bench-${id.slice(0, 8)}`,
    orchestrator_id: `bench-${id.slice(0, 8)}-o`,
    message_id: `msg_${id}`,
    user_id: id,
    key_id: id.replaceAll("-", "").slice(0, 10),
    revision: "1",
  };
}

/** An organization with something of everything. */
async function belongingsOf(organization_id: string): Promise<Ids & { agentToken: string }> {
  const orchestrator_id = `${organization_id}-o`;
  const registered = await ok("POST", `${INTERNAL}/orchestrators/register`, { organization_id, orchestrator_id });
  const content = { message_type: "recommendation", content: "x" };
  const message = await ok("POST", `${INTERNAL}/orchestrators/${orchestrator_id}/messages`, content);
  await ok("PUT", `${CONTROLLER}/organizations/${organization_id}/config`, { features: { a: 1 } });
  const person = { username: `${organization_id}-viewer`, role: "viewer", organizations: [organization_id] };
  const user = await ok("POST", `${CONTROLLER}/users`, person);
  const agentToken = String(registered.agent_token);
  return {
    organization_id,
    orchestrator_id,
    message_id: String(message.message_id),
    user_id: String(user.data?.user_id),
    key_id: agentToken.slice(agentToken.lastIndexOf(".") + 1).slice(0, 10),
    revision: "1",
    agentToken,
  };
}

/** The session of an admin of this organization. */
async function adminOf(organization: string): Promise<string> {
  const person = { username: `${organization}-admin`, role: "admin", organizations: [organization] };
  const { data } = await ok("POST", `${CONTROLLER}/users`, person);
  const invite = await ok("POST", `${CONTROLLER}/users/${String(data?.user_id)}/links`, { purpose: "invite" });
  const token = String(invite.data?.link).split("#")[1];
  await ok("POST", `${INTERNAL}/auth/accept-link`, { token, password: PASSWORD });
  const login = { username: person.username, password: PASSWORD };
  const { headers } = await controller.call("POST", `${INTERNAL}/auth/login`, login, { bearer: null });
  const session = /moolai_session=([^;]+)/.exec(headers.get("Set-Cookie") ?? "")?.[1];
  if (session === undefined) throw new Error("no session");
  return session;
}

async function ok(
  method: string,
  path: string,
  body: object,
): Promise<Awaited<ReturnType<Controller["call"]>>["body"]> {
  const answer = await controller.call(method, path, body);
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}
