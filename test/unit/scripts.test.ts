import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lock } from "../../scripts/lib/backend-pglite.ts";
import { onDatabase, startLocalDatabase } from "../../scripts/lib/database.ts";
import { isRequestLine } from "../../scripts/lib/dev-server.ts";
import { migrate } from "../../scripts/lib/migrate.ts";
import { addressFrom, assertPortFree } from "../../scripts/lib/ports.ts";
import { projectPath, sentenceFor } from "../../scripts/lib/project.ts";
import { announce, findRunning } from "../../scripts/lib/running.ts";
import { databaseAddress, databaseSettings, prepareDevVars, withPort } from "../../scripts/lib/settings.ts";

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

describe(".dev.vars", () => {
  it("is made for its owner alone, and closed to others when it was open", async () => {
    const file = join(folder, ".dev.vars");
    const mode = async () => ((await stat(file)).mode & 0o777).toString(8);
    expect(prepareDevVars(file)).toEqual(["Created .dev.vars from .dev.vars.example."]);
    expect(await mode()).toBe("600");
    expect(prepareDevVars(file)).toEqual([]);
    await chmod(file, 0o644);
    expect(prepareDevVars(file)).toEqual([expect.stringContaining("0600")]);
    expect(await mode()).toBe("600");
    expect(await readFile(file, "utf8")).toBe(await readFile(projectPath(".dev.vars.example"), "utf8"));
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

  it("is refused to a second one of the same checkout, which does not take the first one's place", () => {
    const file = join(folder, "running.json");
    const retract = announce({ port: 9100, endpoint }, file);
    expect(() => announce({ port: 9200 }, file)).toThrow(
      `The controller on port 9100 of this checkout runs already, as process ${process.pid}.`,
    );
    expect(findRunning(file)).toEqual({ pid: process.pid, port: 9100, endpoint });
    retract();
    announce({ endpoint }, file);
    expect(() => announce({ port: 9200 }, file)).toThrow("The database of this checkout runs already");
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

  it.each([
    ["DATABASE_URL", "secret-and-no-url"],
    ["DATABASE_URL", "postgresql+asyncpg://moolai_app:secret@db.example/app"],
    ["DATABASE_URL", "postgresql://db.example/secret"],
    ["DATABASE_MIGRATION_URL", "mysql://owner:secret@db.example/app"],
    ["DATABASE_ENDPOINT", "http://127.0.0.1:5488"],
    ["DATABASE_ENDPOINT", "http://secret.example/sql"],
  ])("name a wrong %s, and not its value %s", (name, value) => {
    const vars = { DATABASE_URL: url, DATABASE_MIGRATION_URL: owner, [name]: value };
    expect(() => databaseSettings(vars)).toThrow(new RegExp(`^${name} must be (?!.*secret)`));
  });

  it("take an empty DATABASE_MIGRATION_URL for none", () => {
    const vars = { DATABASE_URL: url, DATABASE_ENDPOINT: "http://127.0.0.1:5488/sql", DATABASE_MIGRATION_URL: "" };
    expect(databaseSettings(vars)).toEqual({
      url,
      ownerUrl: "postgresql://postgres@db.example/postgres",
      endpoint: vars.DATABASE_ENDPOINT,
    });
  });

  it("tell where statements go, without a password", () => {
    const local = { DATABASE_URL: url, DATABASE_ENDPOINT: "http://127.0.0.1:5488/sql" };
    expect(databaseAddress(databaseSettings(local))).toBe("127.0.0.1:5488");
    expect(databaseAddress(databaseSettings({ DATABASE_URL: url, DATABASE_MIGRATION_URL: owner }))).toBe(
      "direct.example",
    );
  });
});

it("says which PostgreSQL does not answer, and what to do", async () => {
  const postgres = "postgresql://owner:secret@127.0.0.1:1/app";
  const server = await startLocalDatabase(0, postgres);
  const database = { url: postgres, ownerUrl: postgres, endpoint: server.url, postgres };
  try {
    await expect(onDatabase(database, () => migrate(postgres, { endpoint: server.url }))).rejects.toThrow(
      "PostgreSQL at 127.0.0.1:1 does not answer (connect ECONNREFUSED 127.0.0.1:1). Start it, or correct its URL (DATABASE_MIGRATION_URL).",
    );
  } finally {
    await server.close();
  }
});

describe("the console of npm start", () => {
  it.each([
    "[wrangler:info] GET /health 200 OK (7703ms)",
    "\u001b[32m[wrangler:info]\u001b[39m \u001b[0m\u001b[1mGET\u001b[22m /x \u001b[31m\u001b[1m503\u001b[22m Service Unavailable \u001b[90m(3ms)\u001b[39m",
  ])("leaves out wrangler's line for a request: %j", (line) => {
    expect(isRequestLine(line)).toBe(true);
  });

  it.each([
    "[wrangler:info] Ready on http://127.0.0.1:8788",
    "[wrangler:error] Error: boom",
    '{"level":"ERROR","message":"Request","method":"GET","path":"/x","status":503}',
  ])("shows %s", (line) => {
    expect(isRequestLine(line)).toBe(false);
  });
});

it("the embedded database is not given to two processes, and an empty lock of an interrupted start is none", async () => {
  const data = join(folder, "postgres");
  await writeFile(`${data}.lock`, "");
  const unlock = lock(data);
  expect(await readFile(`${data}.lock`, "utf8")).toBe(String(process.pid));
  unlock();
  await writeFile(`${data}.lock`, String(process.ppid));
  expect(() => lock(data)).toThrow(`The database in ${data} is in use by process ${process.ppid}.`);
});

it("says which file may not be written", () => {
  const error = Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: "EACCES", path: "/x" });
  expect(sentenceFor(error)).toBe("This user may not use /x (EACCES). The checkout and its .data/ must be writable.");
});

describe("what a person types", () => {
  it.each(["127.0.0.1:8787", "localhost:8787", "controller.example.com", "https://", "foo"])(
    "%s is no whole address",
    (text) => {
      expect(() => addressFrom(text)).toThrow(`"${text}" is not an address like https://controller.example.com`);
    },
  );

  it("is told that a port is taken, and what to do", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(assertPortFree(port, "the controller", "npm start -- --port 8788")).rejects.toThrow(
      `Port ${port} for the controller is in use. Stop what listens there, or take another one: npm start -- --port 8788`,
    );
    server.close();
    await once(server, "close");
    await expect(assertPortFree(port, "the controller", "")).resolves.toBeUndefined();
  });
});
