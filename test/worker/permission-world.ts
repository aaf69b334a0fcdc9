import { CONTROLLER, call, INTERNAL } from "./api.ts";

export type Side = "own" | "foreign";
export const SIDES: Side[] = ["own", "foreign"];

/** Test files share a database: each has a world of its own. */
const FILE = crypto.randomUUID().slice(0, 8);

export const organizationOf = (side: Side) => `mx-${side}-${FILE}`;

/** What actors of the own side are bound to. The spare one is there to be deleted. */
export const OWN_ORGANIZATIONS = [organizationOf("own"), `${organizationOf("own")}-spare`];

interface Belongings extends Record<string, string> {
  organization_id: string;
  orchestrator_id: string;
  message_id: string;
  revision: string;
  user_id: string;
  agentToken: string;
}

export type World = Record<Side, Belongings>;

let lastName = 0;
function fresh(prefix: string): string {
  lastName += 1;
  return `${prefix}-${FILE}-${lastName}`;
}

async function ok(method: string, path: string, body: object) {
  const answer = await call(method, path, { body });
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.body;
}

async function newOrchestrator(side: Side) {
  const orchestrator_id = fresh(`mx-${side}-o`);
  const body = { orchestrator_id, organization_id: organizationOf(side) };
  const { agent_token: agentToken } = await ok("POST", `${INTERNAL}/orchestrators/register`, body);
  return { orchestrator_id, agentToken: String(agentToken) };
}

async function makeBelongings(side: Side): Promise<Belongings> {
  const organization_id = organizationOf(side);
  const orchestrator = await newOrchestrator(side);
  const { message_id } = await ok("POST", `${INTERNAL}/orchestrators/${orchestrator.orchestrator_id}/messages`, {
    message_type: "recommendation",
    content: `mx-${side} content`,
  });
  const features = { [`mx-${side}`]: lastName };
  const published = await ok("PUT", `${CONTROLLER}/organizations/${organization_id}/config`, { features });
  const person = { username: fresh(`mx-${side}-user`), role: "viewer", organizations: [organization_id] };
  const { user_id } = (await ok("POST", `${CONTROLLER}/users`, person)).data;
  return { ...orchestrator, organization_id, message_id, revision: String(published.data.revision), user_id };
}

/** Two organizations with something of everything. */
export async function makeWorld(): Promise<World> {
  return { own: await makeBelongings("own"), foreign: await makeBelongings("foreign") };
}

/** A target of its own for what ends its target. */
async function targetOf(name: string, side: Side): Promise<Record<string, string>> {
  if (name.endsWith("/api-tokens/{key_id}")) {
    const body = { name: `mx-${side}`, scopes: ["read"], organizations: [organizationOf(side)] };
    return { key_id: (await ok("POST", `${CONTROLLER}/api-tokens`, body)).data.key_id };
  }
  if (name.endsWith("/join-tokens/{key_id}")) {
    return {
      key_id: (await ok("POST", `${CONTROLLER}/organizations/${organizationOf(side)}/join-tokens`, {})).data.key_id,
    };
  }
  if (name.endsWith("/tokens/{key_id}")) {
    const orchestrator = await newOrchestrator(side);
    return {
      ...orchestrator,
      key_id: orchestrator.agentToken.slice(orchestrator.agentToken.lastIndexOf(".") + 1).slice(0, 10),
    };
  }
  if (name.endsWith("/organizations/{organization_id}")) {
    const organization_id = `${organizationOf(side)}-spare`;
    await call("POST", `${CONTROLLER}/organizations`, { body: { organization_id, name: organization_id } });
    return { organization_id };
  }
  return await newOrchestrator(side);
}

/** A body that the route takes. */
function bodyOf(name: string, { organization_id, orchestrator_id }: Belongings): object | undefined {
  const [method = "", path = ""] = name.split(/ (?:\/api\/v1\/(?:controller|internal))?/);
  const bodies: Record<string, object> = {
    "POST /auth/login": { username: fresh("nobody"), password: "wrong" },
    "POST /auth/token-session": { token: "mct_x" },
    "POST /auth/accept-link": { token: "x", password: "a password that is long" },
    "PUT /auth/password": { current: "wrong", new: "a password that is long" },
    "POST /organizations": { organization_id, name: "again" },
    "PUT /organizations/{organization_id}": { name: organization_id },
    "PUT /organizations/{organization_id}/config": { settings: { [organization_id]: 1 } },
    "PUT /organizations/{organization_id}/features": { features: { [organization_id]: true } },
    "POST /organizations/{organization_id}/join-tokens": {},
    "POST /orchestrators/{orchestrator_id}/send": { type: "note" },
    "POST /orchestrator-instances": { orchestrator_id: fresh("mx-made"), organization_id },
    "POST /orchestrators/register": { orchestrator_id, organization_id },
    "POST /orchestrators/join": { orchestrator_id },
    "POST /orchestrators/heartbeat": { orchestrator_id },
    "PUT /orchestrators/{orchestrator_id}/independence": { is_independent: false },
    "POST /orchestrators/{orchestrator_id}/messages": { message_type: "monitoring", content: organization_id },
    "PUT /messages/{message_id}/status": { status: "accepted" },
    "POST /orchestrators/{orchestrator_id}/tokens": {},
    "POST /api-tokens": { name: "made", scopes: ["read"], organizations: [organization_id] },
    "POST /users": { username: fresh("mx-made"), role: "viewer", organizations: [organization_id] },
    "POST /login-throttles/lift": { username: organization_id, address: "192.0.2.1" },
    "PUT /users/{user_id}": { role: "viewer" },
    "POST /users/{user_id}/links": { purpose: "reset" },
  };
  return bodies[`${method} ${path}`];
}

/** A request that names what belongs to this side: in the path, in the body, and in every filter that can. */
export async function requestFor(name: string, query: string[], side: Side, world: World) {
  const [method = "", template = ""] = name.split(" ");
  const target = { ...world[side], ...(method === "DELETE" && (await targetOf(name, side))) };
  const path = template.replaceAll(/\{(\w+)\}/g, (_, key: string) => target[key] ?? "missing");
  const filters = query.flatMap((key) => {
    const value = { organization_id: target.organization_id, orchestrator_id: target.orchestrator_id }[key];
    return value === undefined ? [] : [`${key}=${value}`];
  });
  if (template.endsWith("/heartbeats")) filters.push(`ids=${target.orchestrator_id}`);
  return {
    method,
    path: `${path}?${filters.join("&")}`,
    body: bodyOf(name, target),
    agentToken: target.agentToken,
    /** The ids that it may name. */
    target,
  };
}
