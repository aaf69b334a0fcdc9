import { writeFile } from "node:fs/promises";
import { projectPath, runMain } from "./lib/project.ts";
import { reference } from "./lib/reference.ts";

await runMain(async () => {
  await writeFile(projectPath("docs/reference.md"), reference());
});
