import { app } from "./app.ts";
import { runCron } from "./jobs/cron.ts";

export { Auth } from "./auth/auth.ts";
export { Fleet } from "./fleet/fleet.ts";
export { Orchestrator } from "./orchestrator/orchestrator.ts";

export default {
  fetch: app.fetch,
  async scheduled(controller, env) {
    await runCron(env, controller.scheduledTime);
  },
} satisfies ExportedHandler<Env>;
