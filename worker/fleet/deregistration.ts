import type { AuditContext, CommandResult } from "../contract/orchestrator.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";

/** Objects that are called at the same time; each of them writes to Postgres. */
const AT_ONCE = 20;

/** Deregisters each orchestrator and stops at the first refusal. One that is already deregistered counts as done. */
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
