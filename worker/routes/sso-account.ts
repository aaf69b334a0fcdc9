import { authOf } from "../auth/stub.ts";
import { canonicalName } from "../contract/people.ts";
import { createAccount, findByIdentity } from "../db/identities.ts";
import { changeUser } from "../db/people.ts";
import type { UserRow } from "../db/users.ts";
import { dropViewers } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditEntry } from "../middleware/caller.ts";
import { differenceOf } from "../platform/json-difference.ts";
import { numberedName, wantedName } from "../sso/names.ts";
import { type Person, SsoError } from "../sso/provider.ts";
import type { Access } from "../sso/rules.ts";
import { soleOrganization } from "./access-rules.ts";
import { endCredentialsBeyond } from "./revoke-credentials.ts";

const BY = "single sign-on";
const NOTHING = { role: "viewer", organizations: [] } as const;
const MAX_NAMES = 50;

/** Another request may change or create the account at the same moment. */
const MAX_TRIES = 3;

interface Account {
  username: string;
  /** Whether its access has changed. */
  isChanged: boolean;
}

/**
 * The account of a person, updated to the access that the provider grants now. It is created if access is granted.
 * Null: there is none.
 */
export async function accountOf(c: AppContext, person: Person, access: Access | null): Promise<Account | null> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const row = (await findByIdentity(c.env, person)) ?? (access && (await make(c, person, access)));
    if (!row) {
      if (access) continue;
      return null;
    }
    actAs(c, row.username, access);
    if (!row.isActive) throw new SsoError("sso_deactivated", "the account is deactivated");
    const outcome = await adjust(c, row, access);
    if (outcome !== "conflict") return { username: row.username, isChanged: outcome === "changed" };
  }
  throw new SsoError("sso_changed_meanwhile", "the account was changed at the same moment");
}

/** Updates the open sessions and streams of an account to its current access; null ends them. */
export async function changeAccess(c: AppContext, username: string, access: Access | null): Promise<void> {
  await authOf(c.env).changeAccess({ username, access });
  await dropViewers(c.env, { user: username, comesBack: access !== null });
}

/** Ends the sessions and streams of an account after the provider has revoked its access. */
export async function endAccess(c: AppContext, username: string): Promise<void> {
  await changeAccess(c, username, null);
  await endCredentialsBeyond(c, username, null);
}

/** The person who has logged in is the actor of the audit row. */
function actAs(c: AppContext, name: string, access: Access | null): void {
  const { role, organizations } = access ?? NOTHING;
  c.set("actor", { kind: "user", name, role, organizations: organizations && [...organizations] });
}

/**
 * Null: another request was faster, and its row is not visible yet. An existing account with a taken name is never
 * used.
 */
async function make(c: AppContext, person: Person, access: Access): Promise<UserRow | null> {
  const { issuer, subject } = person;
  const wanted = wantedName({ ...person.claims, sub: subject });
  for (let n = 1; n <= MAX_NAMES; n++) {
    const username = numberedName(wanted, n);
    if (isReserved(c.env, username)) continue;
    const userId = crypto.randomUUID();
    actAs(c, username, access);
    const audit = auditEntry(c, {
      action: "user.create",
      targetType: "user",
      targetId: username,
      organizationId: soleOrganization(access.organizations),
      before: null,
      after: { ...access, by: BY, issuer, subject },
    });
    if (await createAccount(c.env, { userId, username, access, issuer, subject }, audit)) break;
    if (await findByIdentity(c.env, person)) break;
  }
  return await findByIdentity(c.env, person);
}

/** The development login is in no table, but sessions go by name. */
function isReserved(env: Env, username: string): boolean {
  if (!DEVELOPMENT_BUILD) return false;
  return username === "development" || username === canonicalName(env.DEV_ADMIN_USERNAME ?? "");
}

/** Stores the access that the provider grants. */
async function adjust(c: AppContext, row: UserRow, access: Access | null): Promise<"same" | "changed" | "conflict"> {
  const { role, organizations } = access ?? NOTHING;
  const next = { role, organizations: organizations && [...organizations], isActive: row.isActive };
  const difference = differenceOf(
    { role: row.role, organizations: row.organizations },
    { role: next.role, organizations: next.organizations },
  );
  if (!difference) return "same";
  const audit = auditEntry(c, {
    action: "user.update",
    targetType: "user",
    targetId: row.username,
    organizationId: soleOrganization(next.organizations),
    before: difference.before,
    after: { ...difference.after, by: BY },
  });
  return (await changeUser(c.env, row, next, audit)) === "changed" ? "changed" : "conflict";
}
