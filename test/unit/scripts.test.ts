import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lock, openPglite } from "../../scripts/lib/backend-pglite.ts";
import { onDatabase, startLocalDatabase } from "../../scripts/lib/database.ts";
import { isRequestLine } from "../../scripts/lib/dev-server.ts";
import { migrate } from "../../scripts/lib/migrate.ts";
import { addressFrom, assertPortFree } from "../../scripts/lib/ports.ts";
import { projectPath, sentenceFor } from "../../scripts/lib/project.ts";
import { announce, findRunning, localController } from "../../scripts/lib/running.ts";
import { databaseAddress, databaseSettings, prepareDevVars, withPort } from "../../scripts/lib/settings.ts";
import { USAGE } from "../../scripts/lib/usage.mjs";

const execute = promisify(execFile);
let folder: string;

beforeEach(async () => {
  vi.stubEnv("PORT", undefined);
  folder = await mkdtemp(join(tmpdir(), "scripts-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const { scripts } = JSON.parse(readFileSync(projectPath("package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

describe("--help", () => {
  it.each(Object.entries(scripts))("explains npm run %s and does not run it", (name, command) => {
    const [, target = ""] = /^node scripts\/run\.mjs (scripts\/[a-z-]+\.ts|test\/\S+\.ts)$/.exec(command) ?? [];
    expect(target, "one script, without arguments: what comes after --help would be run").not.toBe("");
    const called = ["start", "test"].includes(name) ? `npm ${name}` : `npm run ${name}`;
    // After `VARIABLE=value `, if it needs any.
    expect(USAGE[target]).toMatch(new RegExp(`^Usage: ([A-Z_]+=\\S+ )*${called}(\\s|$)`));
    expect(USAGE[target]?.split("\n").length).toBeGreaterThan(1);
  });

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
  const controller = { pid: process.pid, port: 9100 };
  const database = { pid: process.pid, endpoint };

  it("is known from its start to its stop", () => {
    const data = join(folder, "data/running");
    expect(findRunning(data)).toEqual({});
    const retract = announce({ port: 9100, endpoint }, data);
    expect(findRunning(data)).toEqual({ controller, database });
    expect(localController(data)).toBe("http://127.0.0.1:9100");
    retract();
    expect(findRunning(data)).toEqual({});
  });

  it("is never a guess: the controller of another checkout may listen on the usual port", () => {
    expect(() => localController(folder)).toThrow("No controller of this checkout runs. Start it with npm start");
    announce({ endpoint }, folder);
    expect(() => localController(folder)).toThrow("No controller of this checkout runs.");
  });

  it("is not believed of a process that is gone, of another one with its number, or when it cannot be read", async () => {
    const file = join(folder, "controller.json");
    const { stdout } = await execute(process.execPath, ["-p", "process.pid"]);
    await writeFile(file, JSON.stringify({ pid: Number(stdout), since: null, port: 9100 }));
    expect(findRunning(folder)).toEqual({});
    await writeFile(file, JSON.stringify({ pid: process.pid, since: "another time", port: 9100 }));
    expect(findRunning(folder)).toEqual({});
    await writeFile(file, "{");
    expect(findRunning(folder)).toEqual({});
  });

  it("stays what the one who started last has said", async () => {
    const retract = announce({ port: 9100 }, folder);
    await writeFile(join(folder, "controller.json"), JSON.stringify({ pid: process.ppid, since: null, port: 9200 }));
    retract();
    expect(findRunning(folder)).toEqual({ controller: { pid: process.ppid, port: 9200 } });
  });

  it("is refused to a second one of the same checkout, which does not take the first one's place", () => {
    const retract = announce({ port: 9100, endpoint }, folder);
    const refusal = `The controller on port 9100 of this checkout runs already, as process ${process.pid}. Stop that first.`;
    expect(() => announce({ port: 9200 }, folder)).toThrow(refusal);
    expect(() => announce({ endpoint }, folder)).toThrow(refusal);
    expect(findRunning(folder)).toEqual({ controller, database });
    retract();
  });

  it("may be said of the controller and of the database by two processes", () => {
    announce({ endpoint }, folder);
    announce({ port: 9200 }, folder);
    expect(findRunning(folder)).toEqual({ controller: { ...controller, port: 9200 }, database });
    expect(() => announce({ port: 9300, endpoint }, folder)).toThrow("runs already");
  });

  it("moves to the port that is asked for", () => {
    const settings = { url: "postgresql://a@h/d", ownerUrl: "postgresql://o@h/d", endpoint };
    expect(withPort(settings, "9300").endpoint).toBe("http://127.0.0.1:9300/sql");
    expect(() => withPort(settings, "many")).toThrow('"many" is not a port number');
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

it("says of a damaged embedded database which folder it is", async () => {
  const data = join(folder, "postgres");
  await (await openPglite(data)).close();
  await writeFile(join(data, "global/pg_control"), "");
  await expect(openPglite(data)).rejects.toThrow(`The embedded database in ${data} cannot be opened`);
});

it("says of a server that takes what is asked and never answers that it is mute", async () => {
  const server = createServer(() => {}).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = "postgresql://owner:secret@db.example/app";
  const database = { url, ownerUrl: url, endpoint: `http://127.0.0.1:${port}/sql` };
  const refused = onDatabase(database, () => Promise.reject(new Error("not reached")), 50);
  await expect(refused).rejects.toThrow(`What listens at 127.0.0.1:${port} did not answer within 0.05 s.`);
  server.close();
});

it.each([
  [{ code: "ENOSPC", path: "/x" }, "There is no space left on the disk for /x (ENOSPC). Make some, then try again."],
  [{ code: "ENOENT", path: "secrets.env" }, "There is no file secrets.env."],
])("makes a sentence of %o", (fields, sentence) => {
  expect(sentenceFor(Object.assign(new Error("raw"), fields))).toBe(sentence);
});

it("says which option is wrong, and not how Node could be told otherwise", () => {
  const parse = () => parseArgs({ args: ["--prot", "1"], options: { port: { type: "string" } } });
  expect(sentenceOf(parse)).toBe("Unknown option '--prot'. Add --help to see what there is.");
});

function sentenceOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return sentenceFor(error);
  }
  return "";
}

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
