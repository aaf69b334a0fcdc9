import { expect } from "vitest";
import type { Role } from "../../worker/contract/actor.ts";
import { CONTROLLER, call, INTERNAL } from "./api.ts";

export const USERS = `${CONTROLLER}/users`;
export const ACCEPT = `${INTERNAL}/auth/accept-link`;
export const PASSWORD = "correct horse battery";

export interface Person {
  user_id: string;
  username: string;
}

let addresses = 0;
/** Each login its own address, so that failures of one test do not count for another. */
export function fromAnywhere(): Record<string, string> {
  addresses += 1;
  return { "CF-Connecting-IP": `2001:db8:0:${addresses.toString(16)}::1` };
}

export function login(username: string, password: string, headers = fromAnywhere()) {
  return call("POST", `${INTERNAL}/auth/login`, { body: { username, password }, bearer: null, headers });
}

export async function createPerson(username: string, role: Role, organizations: string[] | null = null) {
  const answer = await call("POST", USERS, { body: { username, role, organizations } });
  expect(answer.status).toBe(200);
  return answer.body.data as Person;
}

/** The secret of a one-time link. */
export async function linkFor({ user_id }: Person, purpose: "invite" | "reset" = "invite"): Promise<string> {
  const { body } = await call("POST", `${USERS}/${user_id}/links`, { body: { purpose } });
  const [, token] = /^\/welcome#(mcl_\w+)$/.exec(body.data.link) ?? [];
  if (token === undefined) throw new Error(`no link: ${JSON.stringify(body)}`);
  return token;
}

export function accept(token: string, password = PASSWORD, headers = fromAnywhere()) {
  return call("POST", ACCEPT, { body: { token, password }, bearer: null, headers });
}

/** Somebody with a password, and the bearer token of a session. */
export async function personWithSession(username: string, role: Role, organizations: string[] | null = null) {
  const person = await createPerson(username, role, organizations);
  expect((await accept(await linkFor(person))).status).toBe(200);
  return { ...person, bearer: await sessionFor(username) };
}

export async function sessionFor(username: string, password = PASSWORD): Promise<string> {
  const { body } = await login(username, password);
  return body.user.token;
}
