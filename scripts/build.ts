import { parseArgs } from "node:util";
import { build, buildIfMissing } from "./lib/build-assets.ts";
import { assertProduction } from "./lib/production.ts";
import { assetsDir, runMain } from "./lib/project.ts";

/** `--if-missing`: only when nothing is built yet; wrangler runs it so, also in development, and it builds the same. */
await runMain(async () => {
  const { values } = parseArgs({ options: { "if-missing": { type: "boolean", default: false } } });
  if (values["if-missing"]) return await buildIfMissing("silent");
  assertProduction("npm run build", process.env.NODE_ENV);
  await build("info");
  console.log(`Built the dashboard into ${assetsDir()}.`);
});
