import type { AuditContext, CommandResult } from "../contract/orchestrator.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";

/** Objects that are called at a time: each of them writes to Postgres. */
const AT_ONCE = 20;

/** Has each of them deregister. The first refusal ends it; one that has buried its record already is no refusal. */
export async function deregisterAll(
  env: Env,
  orchestratorIds: string[],
  audit: AuditContext,
): Promise<CommandResult<null>> {
  for (let start = 0; start < orchestratorIds.length; start += AT_ONCE) {
    const batch = orchestratorIds.slice(start, start + AT_ONCE);
    const results = await Promise.all(batch.map((id) => orchestratorOf(env, id).deregister(audit)));
    const refused = results.find((result) => !result.ok && result.code !== "not_found");
    if (refused && !refused.ok) return refused;
  }
  return { ok: true, value: null };
}
