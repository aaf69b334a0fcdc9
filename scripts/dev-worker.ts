import { buildIfMissing } from "./lib/build-assets.ts";
import { DEVELOPMENT_BUILD, QUIET_WRANGLER } from "./lib/dev-server.ts";
import { projectPath, runMain, runTool } from "./lib/project.ts";
import { findRunning } from "./lib/running.ts";
import { prepareDevVars } from "./lib/settings.ts";

/** `wrangler dev` as `npm start` runs it, without the database. Arguments go to wrangler. */
await runMain(async () => {
  const { port } = findRunning();
  if (port !== undefined) throw new Error(`npm start already runs the Worker, on port ${port}, with the same objects.`);
  for (const line of prepareDevVars()) console.log(line);
  await buildIfMissing("silent");
  const args = ["dev", "--ip", "127.0.0.1", "--persist-to", projectPath(".data/wrangler"), ...DEVELOPMENT_BUILD];
  args.push(...process.argv.slice(2));
  process.exitCode = await runTool("wrangler", args, QUIET_WRANGLER);
});
