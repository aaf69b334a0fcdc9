import { build, buildIfMissing } from "./lib/build-assets.ts";
import { runMain } from "./lib/project.ts";

/** `--if-missing`: only when nothing is built yet. */
await runMain(() => (process.argv.includes("--if-missing") ? buildIfMissing("silent") : build("info")));
