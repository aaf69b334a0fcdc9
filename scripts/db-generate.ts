import { runTool } from "./lib/project.ts";

/** Arguments go to drizzle-kit. */
process.exitCode = await runTool("drizzle-kit", ["generate", ...process.argv.slice(2)]);
