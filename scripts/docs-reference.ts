import { writeFile } from "node:fs/promises";
import { decorationReference } from "./lib/decoration-reference.ts";
import { projectPath, runMain } from "./lib/project.ts";
import { reference } from "./lib/reference.ts";

await runMain(async () => {
  await writeFile(projectPath("docs/reference.md"), reference());
  await writeFile(projectPath("docs/core-and-decoration.md"), decorationReference());
});
