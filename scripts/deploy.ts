import { build } from "./lib/build-assets.ts";
import { runMain, runTool } from "./lib/project.ts";

/** Arguments go to wrangler: `npm run deploy -- --dry-run`. */
await runMain(async () => {
  await build("info");
  process.exitCode = await runTool("wrangler", ["deploy", ...process.argv.slice(2)]);
});
