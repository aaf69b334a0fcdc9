import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";

interface Threat {
  name: string;
  tests: { file: string; title: string }[];
}

/** The rows of the table in SECURITY.md whose last column names tests. */
function threats(): Threat[] {
  const text = readFileSync(projectPath("SECURITY.md"), "utf8");
  const [, table = ""] = /^\| threat comes across .*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(text) ?? [];
  return table
    .trim()
    .split("\n")
    .map((row) => row.split(" | "))
    .map((cells) => ({
      name: cells[0]?.slice(2) ?? "",
      tests: (cells.at(-1) ?? "").split("<br>").flatMap((entry) => {
        const [, file = "", titles = ""] = /`(test\/\S+\.test\.ts)`: (.*?)(?: \|)?$/.exec(entry) ?? [];
        return [...titles.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => ({ file, title }));
      }),
    }));
}

describe("the threats of SECURITY.md", () => {
  it("name for each what stops it, in tests that there are", () => {
    const all = threats();
    expect(all.length).toBeGreaterThan(15);
    expect(all.filter(({ tests }) => tests.length === 0).map(({ name }) => name)).toEqual([]);
    const gone = all
      .flatMap(({ tests }) => tests)
      .filter(({ file, title }) => {
        const path = projectPath(file);
        // A long title stands in a line of its own.
        return (
          !existsSync(path) ||
          !readFileSync(path, "utf8")
            .replaceAll(/\(\s+"/g, '("')
            .includes(`("${title}"`)
        );
      });
    expect(gone).toEqual([]);
  });
});
