import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { projectPath } from "../../scripts/lib/project.ts";

/** A name for the content of files and of everything in folders, all named from the root of the project. */
export async function fingerprintOf(paths: string[]): Promise<string> {
  const hash = createHash("sha256");
  const files = (await Promise.all(paths.map((path) => filesAt(projectPath(path))))).flat();
  for (const file of files.sort()) {
    hash.update(`${relative(projectPath(), file)}\0`);
    hash.update(await readFile(file));
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
