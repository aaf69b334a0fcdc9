import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";

/** A document, an issue or a place that a reader of the repository does not have. */
const ELSEWHERE = /\bDESIGN(\.md)?\b|\u00a7 ?\d|\bissue #?\d+\b|\.\.\/shared\//;
const FOLDERS = ["common", "dashboard/src", "docs", "scripts", "test", "worker"];
const SOURCES = /\.(ts|tsx|mjs|md|css|html|json|toml|sh)$/;

function sourcesIn(folder: string): string[] {
  return readdirSync(projectPath(folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && SOURCES.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function linesWith(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => (ELSEWHERE.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []));
}

describe("comments, messages and documents", () => {
  it("cite only what is in the repository", () => {
    const files = [
      ...FOLDERS.flatMap(sourcesIn),
      ...["README.md", "SECURITY.md", "biome.json"].map((name) => projectPath(name)),
    ];
    expect(files.length).toBeGreaterThan(500);
    const own = projectPath("test/unit/citations.test.ts");
    expect(files.filter((file) => file !== own).flatMap(linesWith)).toEqual([]);
  });
});
