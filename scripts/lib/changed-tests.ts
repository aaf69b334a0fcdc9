import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { projectPath } from "./project.ts";

/**
 * For a change below a folder: the tests that show soonest that something broke. These run in workerd, on the built Worker or
 * in a browser, so vitest cannot follow their imports to the source. The first folder that fits counts.
 */
const TESTS_OF: [folder: string, tests: string[]][] = [
  ["worker/orchestrator/", ["worker/presence", "worker/delivery", "worker/heartbeat-cost", "e2e/silence"]],
  ["worker/fleet/", ["worker/stream-frames", "worker/stream-watching", "worker/wall-screen", "e2e/stream"]],
  ["worker/auth/", ["worker/agent-tokens", "worker/rest-auth", "worker/session-changed", "browser/session"]],
  ["worker/sso/", ["worker/sso-store", "e2e/sso"]],
  ["worker/jobs/", ["worker/cron", "e2e/reconcile", "e2e/retention"]],
  ["worker/contract/", ["worker/rest", "worker/presence", "worker/stream-frames", "e2e/replay"]],
  ["worker/db/", ["worker/rest-organization-list", "worker/outbox", "worker/usage", "e2e/usage", "e2e/reconcile"]],
  ["migrations/", ["worker/outbox", "worker/usage", "e2e/usage", "e2e/reconcile", "e2e/fold-text"]],
  // The Worker and the dashboard both import it.
  ["common/", ["worker/rest", "worker/presence", "e2e/usage", "browser/shell"]],
  ["worker/", ["worker/rest", "worker/rest-headers", "worker/presence"]],
  ["dashboard/src/live/", ["browser/live", "browser/connection"]],
  ["dashboard/", ["browser/shell", "browser/overview"]],
  ["scripts/lib/neon-", ["e2e/neon-endpoint"]],
  ["scripts/lib/backend", ["e2e/neon-endpoint"]],
  ["scripts/lib/migrate", ["e2e/users"]],
  ["scripts/lib/connect", ["e2e/connect"]],
  ["scripts/lib/doctor", ["e2e/doctor"]],
  ["scripts/start.ts", ["e2e/start"]],
  ["wrangler.toml", ["worker/rest", "e2e/users"]],
  ["test/worker/", ["worker/rest", "worker/presence"]],
  ["test/support/", ["worker/presence", "e2e/users", "e2e/stream", "browser/session"]],
  ["test/browser/", ["browser/session"]],
];

/** What also runs on the embedded database. */
const EMBEDDED = ["migrations/", "worker/db/", "scripts/"];

const IN_RUNTIME = ["worker", "e2e", "browser"];

export interface Selection {
  /** Test files of every project but `unit`, whose tests vitest finds by itself. */
  files: string[];
  projects: string[];
  needsDashboard: boolean;
}

/** Which tests a change of these files needs, of those that there are. All paths start at the root of the project. */
export function testsFor(changed: string[], tests: string[]): Selection {
  const wanted = new Set(changed.flatMap((path) => [path, ...(testsBelow(path) ?? [])]));
  const files = tests.filter((test) => wanted.has(test) || changed.some((path) => isNamedAfter(test, path)));
  const uses = (layer: string) => files.some((file) => file.startsWith(`test/${layer}/`));
  const isEmbedded = changed.some((path) => EMBEDDED.some((folder) => path.startsWith(folder)));
  return {
    files,
    projects: [
      ...(uses("worker") ? ["worker"] : []),
      ...(uses("browser") ? ["browser"] : []),
      ...(uses("e2e") ? ["e2e-postgres"] : []),
      ...(uses("e2e") && isEmbedded ? ["e2e-pglite"] : []),
    ],
    needsDashboard: uses("browser"),
  };
}

/** Every test that {@link testsFor} names by hand. */
export const NAMED_TESTS = TESTS_OF.flatMap(([, names]) => names.map(fileOf));

function testsBelow(path: string): string[] | undefined {
  return TESTS_OF.find(([folder]) => path.startsWith(folder))?.[1].map(fileOf);
}

function fileOf(name: string): string {
  return `test/${name}.test.ts`;
}

/** A test whose name consists of words of the path: `costs`, and not `costs-page`, for `features/costs/chart.tsx`. */
function isNamedAfter(test: string, path: string): boolean {
  if (path.startsWith("test/") || path.startsWith("docs/")) return false;
  const isOfDashboard = path.startsWith("dashboard/");
  if (isOfDashboard !== test.startsWith("test/browser/")) return false;
  const words = new Set(wordsOf(path));
  return wordsOf(basename(test, ".test.ts")).every((word) => words.has(word));
}

function wordsOf(path: string): string[] {
  return path
    .toLowerCase()
    .split(/[^a-z]+/)
    .map((word) => word.replace(/s$/, ""))
    .filter((word) => word !== "");
}

export function allRuntimeTests(): string[] {
  return IN_RUNTIME.flatMap((layer) =>
    readdirSync(projectPath("test", layer))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `test/${layer}/${name}`),
  );
}

/** What differs from `since`: committed, staged, changed and new files. Deleted ones too, whose tests may be there still. */
export function changedSince(since: string): string[] {
  const lists = [
    ["diff", "--name-only", "--relative", since, "--"],
    ["ls-files", "--others", "--exclude-standard"],
  ].map((args) => {
    const { status, stdout, stderr } = spawnSync("git", args, { cwd: projectPath(), encoding: "utf8" });
    if (status !== 0) throw new Error(`git ${args.join(" ")} failed: ${stderr?.trim() || "is git installed?"}`);
    return stdout.split("\n").filter((line) => line !== "");
  });
  return [...new Set(lists.flat())];
}
