import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packagesWithoutIntegrity } from "../../scripts/lib/lock-file.ts";
import { projectPath } from "../../scripts/lib/project.ts";

const execute = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-file-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("the lock file", () => {
  const lockText = () => readFile(projectPath("package-lock.json"), "utf8");

  it("has the digest of every package, also of those for other platforms", async () => {
    expect(packagesWithoutIntegrity(await lockText())).toEqual([]);
  });

  it("is refused when one digest is missing", async () => {
    const lock = JSON.parse(await lockText());
    delete lock.packages["node_modules/workerd"].integrity;
    delete lock.packages["node_modules/drizzle-kit/node_modules/esbuild"].integrity;
    expect(packagesWithoutIntegrity(JSON.stringify(lock)).sort()).toEqual(["esbuild", "workerd"]);
  });

  it("needs no digest for the project itself and folders of it", () => {
    const packages = { "": {}, "packages/own": {}, "node_modules/own": { link: true } };
    expect(packagesWithoutIntegrity(JSON.stringify({ packages }))).toEqual([]);
  });
});

describe("an installation", () => {
  it("runs no script of a package", async () => {
    const install = `node -e "require('fs').writeFileSync(process.env.INIT_CWD + '/script-ran', '')"`;
    await mkdir(join(folder, "package"));
    const manifest = { name: "with-script", version: "1.0.0", scripts: { install } };
    await writeFile(join(folder, "package/package.json"), JSON.stringify(manifest));
    await execute("npm", ["pack", "--silent", "./package"], { cwd: folder });
    const project = { name: "installs", private: true, allowScripts: { "with-script": true } };
    await writeFile(join(folder, "package.json"), JSON.stringify(project));
    await cp(projectPath(".npmrc"), join(folder, ".npmrc"));
    await execute("npm", ["install", "--offline", "./with-script-1.0.0.tgz"], { cwd: folder });
    expect(await readdir(join(folder, "node_modules"))).toContain("with-script");
    expect(await readdir(folder)).not.toContain("script-ran");
  });
});
