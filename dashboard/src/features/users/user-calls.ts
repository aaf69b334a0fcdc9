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

/** Rejected when someone else changed the user after the page loaded it. */
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

/** Returns how many sessions ended. */
export async function endSessions(userId: string): Promise<number> {
  const call = api.POST("/api/v1/controller/users/{user_id}/end-sessions", { params: paramsOf(userId) });
  return (await ask(call)).ended;
}

/** Creates a link with which the user sets a password. It can be shown only once. */
export async function makeLink({ user_id: userId, username }: UserEntry, purpose: "invite" | "reset"): Promise<Secret> {
  const call = api.POST("/api/v1/controller/users/{user_id}/links", { params: paramsOf(userId), body: { purpose } });
  const { link, expires_at: until } = (await ask(call)).data;
  return {
    title: purpose === "invite" ? `Invite link for ${username}` : `Password reset link for ${username}`,
    note: `Send this link to ${username} yourself: no email is sent, and the link is shown only once. Anyone who has it can set the password. It works once, until ${exactTime(momentOf(until) ?? 0, zone())}.`,
    lines: [{ label: "One-time link", text: new URL(link, location.origin).href }],
  };
}

function paramsOf(userId: string) {
  return { path: { user_id: userId } };
}

/** The fields of the draft that differ from the original; null: none. */
export function accessChange(seen: Access, draft: Access): Partial<Access> | null {
  const isBound = JSON.stringify(seen.organizations) !== JSON.stringify(draft.organizations);
  const change = {
    ...(seen.role !== draft.role && { role: draft.role }),
    ...(isBound && { organizations: draft.organizations }),
  };
  return Object.keys(change).length > 0 ? change : null;
}

/** A short description of role, organizations and whether the user is active. */
export function describeAccess({ role, organizations, is_active }: Access & { is_active: boolean }): string {
  const where = organizations === null ? "all organizations" : organizations.join(", ") || "no organization";
  return `${role} for ${where}${is_active ? "" : ", deactivated"}`;
}
