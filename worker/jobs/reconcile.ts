import { withDatabase } from "../db/client.ts";
import { type ActiveRow, activeAfter, laggingOrganizations, markAbsent } from "../db/reconcile.ts";
import { allShards, fleetOf } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";

/** Durable Object calls of one run: one for each row that is active in Postgres. */
const ROWS_PER_RUN = 1_000;
const ORGANIZATIONS_PER_RUN = 100;

/**
 * Repairs what no report would: rows marked active whose object disagrees, and configurations that some orchestrator
 * did not receive. The first shard stores how far the rows were checked.
 */
export async function reconcile(env: Env): Promise<{ checked: number; absent: number; published: number }> {
  const [first] = allShards(env);
  if (!first) return { checked: 0, absent: 0, published: 0 };
  const after = await first.cursor();
  const rows = await withDatabase(env, (db) => activeAfter(db, after, ROWS_PER_RUN));
  const absent = (await Promise.all([...byShard(env, rows).values()].map((ids) => verify(env, ids)))).flat();
  if (absent.length > 0) await withDatabase(env, (db) => markAbsent(db, absent));
  await first.cursor(rows.length < ROWS_PER_RUN ? "" : (rows.at(-1)?.orchestratorId ?? ""));

  const lagging = await withDatabase(env, (db) => laggingOrganizations(db, ORGANIZATIONS_PER_RUN));
  let published = 0;
  for (const { organizationId, config } of lagging) {
    try {
      await fleetOf(env, organizationId).publishConfig(organizationId, config);
      published += 1;
    } catch (error) {
      // One failure must not hold up the others: this one would come first in the next run as well.
      writeLog(env, "ERROR", `The configuration of ${organizationId} could not be published`, errorFields(error));
    }
  }
  return { checked: rows.length, absent: absent.length, published };
}

function byShard(env: Env, rows: ActiveRow[]): Map<string, ActiveRow[]> {
  return Map.groupBy(rows, ({ organizationId }) => fleetOf(env, organizationId).id.toString());
}

async function verify(env: Env, rows: ActiveRow[]): Promise<string[]> {
  const [row] = rows;
  return row ? await fleetOf(env, row.organizationId).verify(rows.map(({ orchestratorId }) => orchestratorId)) : [];
}
