import { z } from "zod";
import { decryptSecret, encryptSecret, sealedUnder, secretsKeyId } from "../../worker/secrets.ts";
import { neonClient } from "./neon-client.ts";
import type { DatabaseSettings } from "./settings.ts";

const BATCH = 100;
const TABLE = "orchestrator_instances";

const instance = z.object({
  orchestrator_id: z.string(),
  database_url: z.string().nullable(),
  redis_url: z.string().nullable(),
  environment_variables: z.record(z.string(), z.string()),
});
type Instance = z.infer<typeof instance>;

export interface Keys {
  previous: string | undefined;
  current: string | undefined;
}

export interface Rotation {
  /** Orchestrators whose secrets are now encrypted under the current key. */
  rotated: number;
  /** Orchestrators whose secrets were already. */
  current: number;
  /** Orchestrators with a secret that neither key can read; left as they are. */
  unreadable: string[];
}

/**
 * Encrypts every stored secret anew under the current key. Safe to repeat and to run while the controller works: a row
 * that changes meanwhile is left for the next run. Throws when a key is not 32 bytes in base64.
 */
export async function rotateSecrets({ ownerUrl, endpoint }: DatabaseSettings, keys: Keys): Promise<Rotation> {
  const currentId = await secretsKeyId(keys.current);
  await secretsKeyId(keys.previous).catch(() => {
    throw new Error("PREVIOUS_SECRETS_KEY must be 32 bytes in base64");
  });
  const sql = neonClient(ownerUrl, endpoint);
  const result: Rotation = { rotated: 0, current: 0, unreadable: [] };
  for (let after = ""; ; ) {
    const rows = z.array(instance).parse(
      await sql`SELECT orchestrator_id, database_url, redis_url, environment_variables FROM orchestrator_instances
        WHERE orchestrator_id > ${after}
          AND (database_url IS NOT NULL OR redis_url IS NOT NULL OR environment_variables <> '{}')
        ORDER BY orchestrator_id LIMIT ${BATCH}`,
    );
    for (const row of rows) {
      if (secretsOf(row).every(({ text }) => sealedUnder(text) === currentId)) {
        result.current += 1;
        continue;
      }
      const renewed = await renew(row, keys, currentId);
      if (!renewed) result.unreadable.push(row.orchestrator_id);
      else if (await replace(sql, row, renewed)) result.rotated += 1;
    }
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return result;
    after = last.orchestrator_id;
  }
}

function secretsOf(row: Instance): { column: string; text: string }[] {
  const { database_url, redis_url, environment_variables } = row;
  return [
    ...(database_url === null ? [] : [{ column: "database_url", text: database_url }]),
    ...(redis_url === null ? [] : [{ column: "redis_url", text: redis_url }]),
    ...Object.entries(environment_variables).map(([name, text]) => ({ column: `environment_variables.${name}`, text })),
  ];
}

/** The row under the current key, or null when a secret in it cannot be read. */
async function renew(row: Instance, keys: Keys, currentId: string): Promise<Instance | null> {
  const turn = async (column: string, text: string): Promise<string> => {
    if (sealedUnder(text) === currentId) return text;
    const place = { table: TABLE, column, orchestratorId: row.orchestrator_id };
    return await encryptSecret(keys.current, await decryptSecret(keys.previous, text, place), place);
  };
  try {
    const variables = Object.entries(row.environment_variables).map(
      async ([name, text]) => [name, await turn(`environment_variables.${name}`, text)] as const,
    );
    return {
      orchestrator_id: row.orchestrator_id,
      database_url: row.database_url === null ? null : await turn("database_url", row.database_url),
      redis_url: row.redis_url === null ? null : await turn("redis_url", row.redis_url),
      environment_variables: Object.fromEntries(await Promise.all(variables)),
    };
  } catch {
    return null;
  }
}

/** False when a registration has replaced the secrets since they were read. */
async function replace(sql: ReturnType<typeof neonClient>, before: Instance, after: Instance): Promise<boolean> {
  const written = await sql`UPDATE orchestrator_instances
    SET database_url = ${after.database_url}, redis_url = ${after.redis_url},
        environment_variables = ${JSON.stringify(after.environment_variables)}::jsonb
    WHERE orchestrator_id = ${before.orchestrator_id}
      AND database_url IS NOT DISTINCT FROM ${before.database_url}
      AND redis_url IS NOT DISTINCT FROM ${before.redis_url}
      AND environment_variables = ${JSON.stringify(before.environment_variables)}::jsonb
    RETURNING orchestrator_id`;
  return written.length > 0;
}
