import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";
import { PAGES } from "../../worker/routes/pages.ts";

it("B24: the Worker serves the page at the routes of the dashboard, and nowhere else", () => {
  const source = readFileSync(projectPath("dashboard/src/app.tsx"), "utf8");
  const routes = [...source.matchAll(/<Route path="([^"]+)"/g)].flatMap(([, path = ""]) =>
    path === "*" ? [] : [path],
  );
  const [, list = ""] = /tab: \[([^\]]+)\]/.exec(source) ?? [];
  const tabs = [...list.matchAll(/"([^"]+)"/g)].map(([, tab]) => tab);
  const paths = routes.flatMap((path) => {
    const [page, rest] = path.split("/:tab?");
    return rest === undefined ? [path] : [page, ...tabs.map((tab) => `${page}/${tab}`)];
  });
  expect(paths.length).toBeGreaterThan(10);
  expect([...PAGES].sort()).toEqual(paths.sort());
});
