import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { textsOfRepository, wrongCitations } from "./lib/citations.ts";
import { packagesWithoutIntegrity } from "./lib/lock-file.ts";
import { projectPath, runTool } from "./lib/project.ts";

// biome colours its report even when it goes into a file.
const colours = process.stdout.isTTY ? [] : ["--colors=off"];

const CHECKS: [name: string, command: string, args: string[]][] = [
  ["format and lint", "biome", ["ci", ".", ...colours]],
  ["types", "tsc", ["-b"]],
  ["imports between folders", "scripts/check-layers.ts", []],
  ["unused code", "knip", []],
  ["secrets in files", "secretlint", ["--secretlintignore", ".gitignore", "--no-color", "**/*"]],
  [
    "sources of packages",
    "lockfile-lint",
    [
      "--path",
      "package-lock.json",
      "--type",
      "npm",
      "--validate-https",
      "--validate-integrity",
      "--allowed-hosts",
      "npm",
    ],
  ],
  ["API types of the dashboard", "scripts/api-types.ts", ["--check"]],
];

const failed: string[] = [];
for (const [name, command, args] of CHECKS) {
  console.log(`\n▸ ${name} (${[command, ...args].join(" ")})`);
  if ((await runTool(command, args)) !== 0) failed.push(name);
}

console.log("\n▸ integrity of packages (package-lock.json)");
const unverified = packagesWithoutIntegrity(readFileSync(projectPath("package-lock.json"), "utf8"));
if (unverified.length > 0) {
  console.error(
    `package-lock.json has no integrity for ${unverified.join(", ")}: remove those entries, then run npm install --package-lock-only.`,
  );
  failed.push("integrity of packages");
}

console.log("\n▸ citations (documents, headings and places that exist)");
const wrong = textsOfRepository().flatMap((path) => wrongCitations(path, readFileSync(projectPath(path), "utf8")));
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  failed.push("citations");
}

// A lock file that lacks the packages of another platform installs here and fails in a fresh clone.
console.log("\n▸ lock file (npm ci --dry-run)");
const npm = spawnSync("npm", ["ci", "--dry-run", "--silent", "--ignore-scripts"], {
  cwd: projectPath(),
  stdio: ["ignore", "ignore", "inherit"],
  shell: process.platform === "win32",
});
if (npm.status !== 0) failed.push("lock file");

console.log(failed.length === 0 ? "\nAll checks passed." : `\nFailed: ${failed.join(", ")}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
