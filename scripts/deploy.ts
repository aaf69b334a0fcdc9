import { mkdirSync } from "node:fs";
import { build } from "./lib/build-assets.ts";
import { assertDeployable, forEnvironment } from "./lib/deployable.ts";
import { assertProduction } from "./lib/production.ts";
import { projectPath, runMain, runTool } from "./lib/project.ts";

/** Options go to `wrangler deploy`. With `--dry-run` nothing is uploaded, and the start-up of the Worker is measured. */
await runMain(async () => {
  const options = process.argv.slice(2);
  assertProduction("npm run deploy", process.env.NODE_ENV);
  assertDeployable(options);
  await build("info");
  process.exitCode = await runTool("wrangler", ["deploy", ...forEnvironment(options)]);
  if (process.exitCode !== 0 || !options.includes("--dry-run")) return;
  console.log(
    "\nHow long the Worker takes to start, on this machine (Cloudflare refuses one that takes over 1 s there):",
  );
  mkdirSync(projectPath(".data"), { recursive: true });
  const profile = projectPath(".data/worker-startup.cpuprofile");
  process.exitCode = await runTool("wrangler", ["check", "startup", "--outfile", profile]);
});
