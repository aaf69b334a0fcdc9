import { api, ask } from "../../lib/api.ts";
import { zone } from "../../lib/preferences.ts";
import { exactTime, momentOf } from "../../lib/time.ts";
import type { Secret } from "../tokens/secret-dialog.tsx";
import type { Role, UserEntry } from "./users.ts";

interface Access {
  role: Role;
  organizations: readonly string[] | null;
}

const toBody = ({ role, organizations }: Access) => ({
  role,
  organizations: organizations === null ? null : [...organizations],
});

export async function createUser(username: string, access: Access): Promise<UserEntry> {
  return (await ask(api.POST("/api/v1/controller/users", { body: { username, ...toBody(access) } }))).data;
}

export async function changeAccess(userId: string, access: Access): Promise<void> {
  await ask(api.PUT("/api/v1/controller/users/{user_id}", { params: paramsOf(userId), body: toBody(access) }));
}

export async function setActive(userId: string, isActive: boolean): Promise<void> {
  const body = { is_active: isActive };
  await ask(api.PUT("/api/v1/controller/users/{user_id}", { params: paramsOf(userId), body }));
}

/** How many sessions those were. */
export async function endSessions(userId: string): Promise<number> {
  const call = api.POST("/api/v1/controller/users/{user_id}/end-sessions", { params: paramsOf(userId) });
  return (await ask(call)).ended;
}

/** A link with which the person sets a password, to be shown once. */
export async function makeLink({ user_id: userId, username }: UserEntry, purpose: "invite" | "reset"): Promise<Secret> {
  const call = api.POST("/api/v1/controller/users/{user_id}/links", { params: paramsOf(userId), body: { purpose } });
  const { link, expires_at: until } = (await ask(call)).data;
  return {
    title: purpose === "invite" ? `Invitation of ${username}` : `New password for ${username}`,
    note: `Hand this link to ${username} yourself: no mail is sent, and it is shown only now. Whoever opens it first sets the password. It is good once, until ${exactTime(momentOf(until) ?? 0, zone())}.`,
    lines: [{ label: "One-time link", text: new URL(link, location.origin).href }],
  };
}

function paramsOf(userId: string) {
  return { path: { user_id: userId } };
}
