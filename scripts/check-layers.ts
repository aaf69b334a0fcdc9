import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { LAYERS } from "./lib/layers.ts";
import { projectPath } from "./lib/project.ts";

const FOLDERS = ["common", "worker", "dashboard/src"];
/** `import … from "x"`, `export … from "x"`, `import "x"` and `import("x")`; the first group is "type" or nothing. */
const IMPORT = /(?:^(?:import|export)\s+(type\s)?[^"';=]*?from\s*|^import\s*|\bimport\()"([^"\n]+)"/gm;

interface Import {
  file: string;
  target: string;
  isType: boolean;
}

const imports = FOLDERS.flatMap(filesIn).flatMap(importsOf);
const problems = forbidden(imports);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(
    "scripts/lib/layers.ts lists what each folder may import; docs/design.md#layers has the reasons. Change it only with a reason.",
  );
}
process.exitCode = problems.length > 0 ? 1 : 0;

function filesIn(folder: string): string[] {
  return readdirSync(projectPath(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesIn(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}

function importsOf(file: string): Import[] {
  const text = readFileSync(projectPath(file), "utf8");
  return [...text.matchAll(IMPORT)].map(([, type, name = ""]) => ({
    file,
    target: name.startsWith(".") ? join(dirname(file), name) : name,
    isType: type !== undefined,
  }));
}

function forbidden(all: readonly Import[]): string[] {
  const used = new Set<string>();
  const mistakes = all.flatMap(({ file, target, isType }) => {
    const room = roomOf(file);
    if (room === undefined) return [`${file} is in no folder of scripts/lib/layers.ts.`];
    if (roomOf(target) === room) return [];
    const rules = Object.keys(LAYERS).filter((key) => (key.endsWith("/") ? file.startsWith(key) : key === room));
    for (const rule of rules) {
      const entry = LAYERS[rule]?.find((allowed) => allows(allowed, target, isType));
      if (entry === undefined) continue;
      used.add(`${rule}: ${entry}`);
      return [];
    }
    return [`${file} may not import ${isType ? "types of " : ""}${target}.`];
  });
  const unused = Object.entries(LAYERS).flatMap(([key, entries]) =>
    entries
      .filter((entry) => !key.endsWith("/") && !used.has(`${key}: ${entry}`))
      .map((entry) => `${key} does not import ${entry}: remove it from scripts/lib/layers.ts.`),
  );
  return [...new Set(mistakes), ...unused];
}

function allows(entry: string, target: string, isType: boolean): boolean {
  const [, type, place = ""] = /^(type )?(.+)$/.exec(entry) ?? [];
  const isWithin = target === place || target.startsWith(place.endsWith(":") ? place : `${place}/`);
  // A folder with rules of its own inside of another one is a place of its own.
  const isOwnPlace = place in LAYERS && roomOf(target) !== place;
  return (type === undefined || isType) && isWithin && !isOwnPlace;
}

/** The narrowest key of a file; it is in the same room as the files that have the same one. */
function roomOf(file: string): string | undefined {
  const keys = Object.keys(LAYERS).filter((key) => !key.endsWith("/") && (file === key || file.startsWith(`${key}/`)));
  return keys.sort((left, right) => right.length - left.length)[0];
}
