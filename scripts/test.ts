import { existsSync } from "node:fs";
import { build, buildIfMissing } from "./lib/build-assets.ts";
import { allRuntimeTests, changedSince, testsFor } from "./lib/changed-tests.ts";
import { projectPath, runMain, runTool } from "./lib/project.ts";

/** Arguments go to vitest: `npm test -- --project unit -t "name"`. `--changed [commit]` chooses by what has changed. */
await runMain(async () => {
  const args = process.argv.slice(2);
  const at = args.findIndex((argument) => argument === "--changed" || argument.startsWith("--changed="));
  if (at < 0) {
    await build("silent");
    process.exitCode = await runTool("vitest", ["run", ...args]);
    return;
  }
  const [option = "", next = ""] = args.splice(at, 1 + Number(hasValue(args, at)));
  process.exitCode = await runChanged(option.split("=")[1] ?? (next || "HEAD"), args);
});

function hasValue(args: string[], at: number): boolean {
  return args[at] === "--changed" && args[at + 1] !== undefined && !args[at + 1]?.startsWith("-");
}

async function runChanged(since: string, args: string[]): Promise<number> {
  const changed = changedSince(since);
  if (changed.length === 0) {
    console.log(`Nothing differs from ${since}.`);
    return 0;
  }
  const { files, projects, needsDashboard } = testsFor(changed, allRuntimeTests());
  console.log(
    `Changed since ${since}: ${changed.length} files. Beside the unit tests that import them: ${files.length} test files.`,
  );
  for (const file of files) console.log(`  ${file}`);
  const sources = changed.filter((path) => /\.tsx?$/.test(path) && existsSync(projectPath(path)));
  const related = ["related", "--run", "--passWithNoTests", "--project", "unit", ...args, ...sources];
  const unit = sources.length === 0 ? 0 : await runTool("vitest", related);
  if (files.length === 0) return unit;
  // The Worker serves assets, but only a browser test looks at what is in them.
  await (needsDashboard ? build("silent") : buildIfMissing("silent"));
  const others = await runTool("vitest", [
    "run",
    ...projects.flatMap((name) => ["--project", name]),
    ...args,
    ...files,
  ]);
  return unit || others;
}
