import { build } from "./lib/build-assets.ts";
import { runMain, runTool } from "./lib/project.ts";

/** Arguments go to vitest: `npm test -- --project unit -t "name"`. */
await runMain(async () => {
  await build("silent");
  process.exitCode = await runTool("vitest", ["run", ...process.argv.slice(2)]);
});
