import { buildIfMissing } from "./lib/build-assets.ts";
import { DEVELOPMENT_BUILD, overrides, QUIET_WRANGLER } from "./lib/dev-server.ts";
import { assertPortFree, portFrom } from "./lib/ports.ts";
import { projectPath, runMain, runTool } from "./lib/project.ts";
import { announce } from "./lib/running.ts";
import { databaseSettings, prepareDevVars, readDevVars, withRunning } from "./lib/settings.ts";

/** `wrangler dev` as `npm start` runs it, without the database. Arguments go to wrangler. */
await runMain(async () => {
  const args = process.argv.slice(2);
  const port = portFrom(portIn(args) ?? (process.env.PORT || "8787"));
  for (const line of prepareDevVars()) console.log(line);
  const { endpoint } = withRunning(databaseSettings(readDevVars()));
  const retract = announce({ port });
  try {
    await assertPortFree(port, "the Worker", "PORT=8788 npm run dev:worker");
    await buildIfMissing("silent");
    const own = ["dev", "--ip", "127.0.0.1", "--port", String(port), "--persist-to", projectPath(".data/wrangler")];
    own.push(...DEVELOPMENT_BUILD, ...overrides(endpoint));
    process.exitCode = await runTool("wrangler", [...own, ...args], QUIET_WRANGLER);
  } finally {
    retract();
  }
});

/** The port among options of wrangler. */
function portIn(args: string[]): string | undefined {
  const place = args.findIndex((arg) => /^--port(=|$)/.test(arg));
  return place === -1 ? undefined : (args[place]?.split("=")[1] ?? args[place + 1]);
}
