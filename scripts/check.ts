import { runTool } from "./lib/project.ts";

// biome colours its report even when it goes into a file.
const colours = process.stdout.isTTY ? [] : ["--colors=off"];

const CHECKS: [name: string, command: string, args: string[]][] = [
  ["format and lint", "biome", ["ci", ".", ...colours]],
  ["types", "tsc", ["-b"]],
  ["unused code", "knip", []],
];

const failed: string[] = [];
for (const [name, command, args] of CHECKS) {
  console.log(`\n▸ ${name} (${[command, ...args].join(" ")})`);
  if ((await runTool(command, args)) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? "\nAll checks passed." : `\nFailed: ${failed.join(", ")}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
