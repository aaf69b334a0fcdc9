import { expect } from "vitest";
import { CONTROLLER, call, INTERNAL } from "./api.ts";
import { upgrade } from "./client.ts";

export const REGISTER = `${INTERNAL}/orchestrators/register`;
export const tokensOf = (id: string) => `${CONTROLLER}/orchestrators/${id}/tokens`;
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** Registers and returns the first token. */
export async function firstToken(id: string, organizationId = id): Promise<string> {
  const body = { orchestrator_id: id, organization_id: organizationId };
  const answer = await call("POST", REGISTER, { body });
  expect(answer.status).toBe(200);
  return answer.body.agent_token;
}

export async function createToken(id: string, body: object = {}): Promise<{ agent_token: string; key_id: string }> {
  const answer = await call("POST", tokensOf(id), { body });
  expect(answer.status).toBe(200);
  return answer.body.data;
}

export const listed = async (id: string) => (await call("GET", tokensOf(id))).body.data.items;

export const statusOf = async (path: string, headers: Record<string, string>) => (await upgrade(path, headers)).status;

export const auditOf = async (target: string, action: string) =>
  (await call("GET", `${CONTROLLER}/audit?page_size=100&target=${target}&action=${action}`)).body.data.items;
