import { api, ask } from "../../lib/api.ts";
import { zone } from "../../lib/preferences.ts";
import { exactTime, momentOf } from "../../lib/time.ts";
import type { Secret } from "../../ui/secret-dialog.tsx";
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

/** Refused when somebody else has changed the user since the page was told of them. */
export async function changeAccess(seen: UserEntry, access: Partial<Access>): Promise<void> {
  const { role, organizations } = access;
  const body = {
    ...(role !== undefined && { role }),
    ...(organizations !== undefined && { organizations: organizations && [...organizations] }),
    expected_version: seen.edit_version,
  };
  await ask(api.PUT("/api/v1/controller/users/{user_id}", { params: paramsOf(seen.user_id), body }));
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

/** Of a draft, what differs from what it was made from; null: nothing. */
export function accessChange(seen: Access, draft: Access): Partial<Access> | null {
  const isBound = JSON.stringify(seen.organizations) !== JSON.stringify(draft.organizations);
  const change = {
    ...(seen.role !== draft.role && { role: draft.role }),
    ...(isBound && { organizations: draft.organizations }),
  };
  return Object.keys(change).length > 0 ? change : null;
}

/** Role, organizations and whether the person may log in, in a few words. */
export function describeAccess({ role, organizations, is_active }: Access & { is_active: boolean }): string {
  const where = organizations === null ? "all organizations" : organizations.join(", ") || "no organization";
  return `${role} for ${where}${is_active ? "" : ", deactivated"}`;
}
