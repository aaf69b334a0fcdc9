import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";
import { announce, findRunning } from "../../scripts/lib/running.ts";
import { databaseAddress, databaseSettings, withPort } from "../../scripts/lib/settings.ts";

const execute = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "scripts-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("--help", () => {
  it.each(["start", "db-sql", "logs"])("of %s is printed before anything is installed", async (script) => {
    await mkdir(join(folder, "scripts/lib"), { recursive: true });
    for (const file of ["scripts/run.mjs", "scripts/lib/usage.mjs"]) await cp(projectPath(file), join(folder, file));
    const args = [join(folder, "scripts/run.mjs"), `scripts/${script}.ts`, "--help"];
    const { stdout, stderr } = await execute(process.execPath, args);
    expect(stdout).toMatch(/^Usage: npm (start|run [a-z:]+)/);
    expect(stderr).toBe("");
    expect(await readdir(folder)).toEqual(["scripts"]);
  });
});

describe("where the controller listens", () => {
  const endpoint = "http://127.0.0.1:9101/sql";

  it("is known from its start to its stop", () => {
    const file = join(folder, "data/running.json");
    expect(findRunning(file)).toEqual({});
    const retract = announce({ port: 9100, endpoint }, file);
    expect(findRunning(file)).toEqual({ pid: process.pid, port: 9100, endpoint });
    retract();
    expect(findRunning(file)).toEqual({});
  });

  it("is not believed of a process that is gone, or when it cannot be read", async () => {
    const file = join(folder, "running.json");
    const { stdout } = await execute(process.execPath, ["-p", "process.pid"]);
    await writeFile(file, JSON.stringify({ pid: Number(stdout), port: 9100, endpoint }));
    expect(findRunning(file)).toEqual({});
    await writeFile(file, "{");
    expect(findRunning(file)).toEqual({});
  });

  it("stays what the one who started last has said", async () => {
    const file = join(folder, "running.json");
    const retract = announce({ port: 9100 }, file);
    const other = { pid: process.ppid, port: 9200 };
    await writeFile(file, JSON.stringify(other));
    retract();
    expect(findRunning(file)).toEqual(other);
  });

  it("moves to the port that is asked for", () => {
    const settings = { url: "postgresql://a@h/d", ownerUrl: "postgresql://o@h/d", endpoint };
    expect(withPort(settings, "9300").endpoint).toBe("http://127.0.0.1:9300/sql");
    expect(() => withPort(settings, "many")).toThrow('"many" is not a port number.');
  });
});

describe("the settings of the database", () => {
  const url = "postgresql://moolai_app:secret@db.example/app";
  const owner = "postgresql://owner:secret@direct.example/app";

  it.each(["DATABASE_URL", "DATABASE_ENDPOINT", "DATABASE_MIGRATION_URL"])(
    "name a wrong %s, and not its value",
    (name) => {
      const vars = { DATABASE_URL: url, DATABASE_MIGRATION_URL: owner, [name]: "secret-and-no-url" };
      expect(() => databaseSettings(vars)).toThrow(new Error(`${name} is not a URL.`));
    },
  );

  it("tell where statements go, without a password", () => {
    const local = { DATABASE_URL: url, DATABASE_ENDPOINT: "http://127.0.0.1:5488/sql" };
    expect(databaseAddress(databaseSettings(local))).toBe("127.0.0.1:5488");
    expect(databaseAddress(databaseSettings({ DATABASE_URL: url, DATABASE_MIGRATION_URL: owner }))).toBe(
      "direct.example",
    );
  });
});
