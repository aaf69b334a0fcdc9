import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { allRuntimeTests, NAMED_TESTS, testsFor } from "../../scripts/lib/changed-tests.ts";
import { projectPath } from "../../scripts/lib/project.ts";

const select = (...changed: string[]) => testsFor(changed, allRuntimeTests());

describe("npm test -- --changed", () => {
  it("names only tests that exist", () => {
    expect(NAMED_TESTS.filter((file) => !existsSync(projectPath(file)))).toEqual([]);
  });

  it("runs a changed test file, and nothing else of the runtime", () => {
    expect(select("test/e2e/replay.test.ts").files).toEqual(["test/e2e/replay.test.ts"]);
    expect(select("test/unit/csv.test.ts", "docs/design.md").files).toEqual([]);
  });

  it("runs for a source what stands for its folder, and what bears its name", () => {
    const { files, projects } = select("worker/auth/login-throttle.ts");
    expect(files).toContain("test/worker/login-throttle.test.ts");
    expect(files).toContain("test/worker/agent-tokens.test.ts");
    expect(projects).toEqual(["worker", "browser"]);
  });

  it("builds the dashboard for browser tests, which a page needs and an orchestrator does not", () => {
    const page = select("dashboard/src/features/costs/chart.tsx");
    expect(page.files).toContain("test/browser/costs.test.ts");
    expect(page.needsDashboard).toBe(true);
    expect(page.projects).toEqual(["browser"]);
    expect(select("worker/orchestrator/dispatch.ts")).toMatchObject({
      needsDashboard: false,
      projects: ["worker", "e2e-postgres"],
    });
  });

  it("runs tests of the Worker and of the dashboard for what both import", () => {
    const { files, projects } = select("common/exact-json.ts");
    expect(files).toContain("test/worker/rest.test.ts");
    expect(projects).toEqual(["worker", "browser", "e2e-postgres"]);
  });

  it("runs a change of SQL on both kinds of database", () => {
    expect(select("migrations/0000_baseline.sql").projects).toEqual(["worker", "e2e-postgres", "e2e-pglite"]);
  });
});
