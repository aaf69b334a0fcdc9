import { app } from "./app.ts";

export { Auth } from "./auth/auth.ts";
export { Fleet } from "./fleet/fleet.ts";
export { Orchestrator } from "./orchestrator/orchestrator.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
