import { build } from "./lib/build-assets.ts";
import { runMain } from "./lib/project.ts";

await runMain(() => build("info"));
