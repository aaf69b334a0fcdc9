import { type SQL, sql } from "drizzle-orm";
import { isMakerGood, type MadeCredential, type MakerFacts } from "../contract/makers.ts";

/** The {@link MakerFacts} for a column `created_by`, as SQL. A join token stands for its own maker. */
export function makerOf(createdBy: SQL): SQL<MakerFacts> {
  return sql<MakerFacts>`(
    SELECT jsonb_build_object(
      'createdBy', maker.name,
      'token', CASE WHEN maker_token.key_id IS NOT NULL THEN jsonb_build_object(
        'createdBy', maker_token.created_by, 'name', maker_token.name, 'scopes', maker_token.scopes,
        'organizations', maker_token.organizations, 'isRevoked', maker_token.revoked_at IS NOT NULL,
        'expiresAt', floor(extract(epoch FROM maker_token.expires_at) * 1000)) END,
      'person', CASE WHEN person.user_id IS NOT NULL THEN jsonb_build_object(
        'name', lower(person.username), 'isActive', person.is_active, 'role', person.role,
        'organizations', person.organizations) END)
    FROM (SELECT CASE WHEN ${createdBy} LIKE 'join:%'
      THEN (SELECT created_by FROM join_tokens WHERE key_id = substr(${createdBy}, 6)) ELSE ${createdBy} END AS name) maker
    LEFT JOIN api_tokens maker_token ON maker.name LIKE 'token:%'
      AND maker_token.key_id = substring(maker.name FROM '\\(([0-9A-Za-z]{10})\\)$')
    LEFT JOIN users person ON coalesce(maker_token.created_by, maker.name) LIKE 'user:%'
      AND lower(person.username) = lower(substr(coalesce(maker_token.created_by, maker.name), 6)))`;
}

/** Whether the maker could make this credential now. In development some people have no row. */
export function hasGoodMaker(env: Env, made: MadeCredential, facts: MakerFacts): boolean {
  let maker = facts;
  if (DEVELOPMENT_BUILD && maker.person === null) {
    maker = { ...maker, person: developer(env, maker.token?.createdBy ?? maker.createdBy ?? "") };
  }
  return isMakerGood(made, maker, Date.now());
}

/** The actors of the development settings: the shared token and the login. */
function developer(env: Env, createdBy: string): MakerFacts["person"] {
  const name = createdBy.replace(/^user:/, "");
  if (name !== "development" && name !== env.DEV_ADMIN_USERNAME) return null;
  return { name, isActive: true, role: "superadmin", organizations: null };
}
