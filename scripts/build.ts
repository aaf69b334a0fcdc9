import { parseArgs } from "node:util";
import { build, buildIfMissing } from "./lib/build-assets.ts";
import { assetsDir, runMain } from "./lib/project.ts";

/** `--if-missing`: only when nothing is built yet. */
await runMain(async () => {
  const { values } = parseArgs({ options: { "if-missing": { type: "boolean", default: false } } });
  if (values["if-missing"]) return await buildIfMissing("silent");
  await build("info");
  console.log(`Built the dashboard into ${assetsDir()}.`);
});
