import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { projectPath } from "../../scripts/lib/project.ts";

const KEEP_MS = 60 * 60 * 1000;

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

/**
 * Removes the entries of a folder that `isOutdated` names and that are older than an hour. A younger one may have just been
 * made by another test file.
 */
export async function removeOutdated(folder: string, isOutdated: (name: string) => boolean): Promise<void> {
  for (const name of (await readdir(folder)).filter(isOutdated)) {
    const path = join(folder, name);
    // Another test file may have renamed or removed it since.
    const info = await stat(path).catch(() => null);
    if (info && Date.now() - info.mtimeMs > KEEP_MS) await rm(path, { recursive: true, force: true });
  }
}
