import { z } from "zod";
import { APP_ROLE, migrationState } from "../migrate.ts";
import { neonClient } from "../neon-client.ts";
import type { DatabaseSettings } from "../settings.ts";
import { type Finding, judge, ok, wrong } from "./finding.ts";

const roleRow = z.object({
  can_login: z.boolean(),
  is_powerful: z.boolean(),
  may_create: z.boolean(),
  may_rewrite_audit: z.boolean(),
});

/** The database as its owner sees it: migrations, what the application may do, and whether somebody can log in. */
export async function examineDatabase({ ownerUrl, endpoint }: DatabaseSettings): Promise<Finding[]> {
  try {
    const { applied, total, changed } = await migrationState(ownerUrl, { endpoint });
    const isCurrent = applied === total && changed.length === 0;
    const progress = `the database is at migration ${applied} of ${total}`;
    const migrations = judge(
      isCurrent,
      progress,
      applied === total ? `the database lacks the current ${changed.join(", ")}` : progress,
      "Run `npm run db:migrate` before the next deployment.",
    );
    if (!isCurrent) return [migrations];
    return [
      migrations,
      ...(await examineRole(ownerUrl, endpoint)),
      await examineUsers(ownerUrl, endpoint),
      await examineConfigurations(ownerUrl, endpoint),
    ];
  } catch {
    const todo = "Check DATABASE_MIGRATION_URL: the owner's URL with the direct host (without -pooler).";
    return [wrong("the database does not answer its owner", todo)];
  }
}

async function examineRole(ownerUrl: string, endpoint: string | undefined): Promise<Finding[]> {
  const sql = neonClient(ownerUrl, endpoint);
  const rows = z.array(roleRow).parse(
    await sql`SELECT rolcanlogin AS can_login,
        rolsuper OR rolcreaterole OR rolbypassrls AS is_powerful,
        has_schema_privilege(rolname, 'public', 'CREATE') AS may_create,
        has_table_privilege(rolname, 'activity_logs', 'DELETE, TRUNCATE')
          OR has_any_column_privilege(rolname, 'activity_logs', 'UPDATE') AS may_rewrite_audit
      FROM pg_roles WHERE rolname = ${APP_ROLE}`,
  );
  const [role] = rows;
  if (!role) return [wrong(`the role ${APP_ROLE} does not exist`, "Run `npm run db:migrate`.")];
  const revoke = (what: string) => `As the owner: \`REVOKE ${what} FROM ${APP_ROLE}\` (and from PUBLIC).`;
  return [
    judge(
      role.can_login,
      `${APP_ROLE} can log in`,
      `${APP_ROLE} cannot log in`,
      "Give it a password: docs/deploy.md, section 1.",
    ),
    judge(
      !role.is_powerful && !role.may_create,
      `${APP_ROLE} can change rows and nothing else`,
      `${APP_ROLE} can change more than rows`,
      `${revoke("CREATE ON SCHEMA public")} It must be no superuser either.`,
    ),
    judge(
      !role.may_rewrite_audit,
      `${APP_ROLE} can add to the audit and never change it`,
      `${APP_ROLE} can change or delete the audit`,
      revoke("UPDATE, DELETE, TRUNCATE ON activity_logs"),
    ),
  ];
}

async function examineUsers(ownerUrl: string, endpoint: string | undefined): Promise<Finding> {
  const sql = neonClient(ownerUrl, endpoint);
  const found = await sql`SELECT 1 FROM users WHERE role = 'superadmin' AND is_active LIMIT 1`;
  const todo = "Make one: `npm run user:create -- --username ada --role superadmin`.";
  return judge(found.length > 0, "there is an active superadmin", "there is no active superadmin", todo);
}

/** A database that was restored from a backup lacks what was published after the backup. */
async function examineConfigurations(ownerUrl: string, endpoint: string | undefined): Promise<Finding> {
  const sql = neonClient(ownerUrl, endpoint);
  const ahead = await sql`SELECT DISTINCT o.organization_id AS id FROM organizations o
    JOIN orchestrator_instances i USING (organization_id) WHERE i.config_revision > o.config_revision ORDER BY 1 LIMIT 20`;
  return judge(
    ahead.length === 0,
    "no orchestrator runs a configuration that the database lacks",
    `orchestrators run a newer configuration than the database has: ${ahead.map(({ id }) => id).join(", ")}`,
    "The database was restored: publish the configuration of these organizations again.",
  );
}

/** The application's own URL: that it connects, and not as somebody who may more. */
export async function examineApplicationUrl(url: string, endpoint: string | undefined): Promise<Finding> {
  try {
    const [row] = await neonClient(url, endpoint)`SELECT current_user AS name`;
    if (row?.name === APP_ROLE) return ok(`DATABASE_URL connects as ${APP_ROLE}`);
    return wrong(
      `DATABASE_URL connects as ${String(row?.name)}`,
      `Use the URL of ${APP_ROLE}, so that an attacker who takes over the Worker can neither drop tables nor rewrite the audit.`,
    );
  } catch {
    return wrong("DATABASE_URL does not connect", "Check host, role and password.");
  }
}
