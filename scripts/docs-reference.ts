import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { decorationReference } from "./lib/decoration-reference.ts";
import { projectPath, runMain } from "./lib/project.ts";
import { reference } from "./lib/reference.ts";

await runMain(async () => {
  parseArgs({ options: {} });
  await writeFile(projectPath("docs/reference.md"), reference());
  await writeFile(projectPath("docs/core-and-decoration.md"), decorationReference());
  console.log("Wrote docs/reference.md and docs/core-and-decoration.md.");
});
