import type { OrchestratorRpc, Stub } from "../contract/rpc.ts";

/** The object of one orchestrator. The class implements the interface; the platform's own stub type cannot say free JSON. */
export function orchestratorOf(env: Env, orchestratorId: string): Stub<OrchestratorRpc> {
  return env.ORCHESTRATOR.getByName(orchestratorId) as unknown as Stub<OrchestratorRpc>;
}
