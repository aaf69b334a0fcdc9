import { runTool } from "./lib/project.ts";

/** Arguments go to biome: `npm run format -- --unsafe`. */
process.exitCode = await runTool("biome", ["check", "--write", ".", ...process.argv.slice(2)]);
