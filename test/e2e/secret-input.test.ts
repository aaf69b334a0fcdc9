import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { neonClient } from "../../scripts/lib/neon-client.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";

// Writes what other users of the machine could see of each process, and its environment.
const RECORDER = `require("node:fs").appendFileSync(process.env.SEEN_FILE,
  JSON.stringify([process.argv, process.execArgv, process.env]) + "\\n");`;

describe("a command that takes a secret", () => {
  let database: TestDatabase;
  /** A copy of the project, so that the settings of whoever runs the tests play no part. */
  let project: string;
  let secret: string;

  beforeAll(async () => {
    database = await startTestDatabase({ ownServer: true });
    project = await mkdtemp(join(tmpdir(), "secret-input-"));
    for (const name of ["package.json", "package-lock.json", "scripts", "worker", "common", ".npmrc"])
      await cp(projectPath(name), join(project, name), { recursive: true });
    await symlink(projectPath("node_modules"), join(project, "node_modules"));
    await writeFile(join(project, "recorder.cjs"), RECORDER);
    await writeFile(
      join(project, ".dev.vars"),
      `DATABASE_URL=${database.url}\nDATABASE_ENDPOINT=${database.endpoint}\nDATABASE_MIGRATION_URL=${database.ownerUrl}\n`,
    );
  });
  afterAll(async () => {
    await database?.stop();
    await rm(project, { recursive: true, force: true });
  });
  beforeEach(async () => {
    secret = `canary-${randomBytes(24).toString("base64url")}`;
    await rm(join(project, "seen"), { recursive: true, force: true });
    await mkdir(join(project, "seen"));
  });

  /** What the command printed, and what it left in argument lists, environments and npm's logs. */
  async function run(args: string[], input = "") {
    const { DATABASE_PORT: _port, DATABASE_MIGRATION_URL: _url, ...inherited } = process.env;
    const child = spawn("npm", ["run", ...args], {
      cwd: project,
      env: {
        ...inherited,
        DATABASE_PORT: new URL(database.endpoint).port,
        npm_config_logs_dir: join(project, "seen"),
        SEEN_FILE: join(project, "seen", "processes"),
        NODE_OPTIONS: `--require=${join(project, "recorder.cjs")}`,
      },
    });
    child.stdin.end(input);
    const [printed, complained] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    const files = await readdir(join(project, "seen"));
    const seen = await Promise.all(files.map((file) => readFile(join(project, "seen", file), "utf8")));
    return { output: printed + complained, code: child.exitCode, traces: seen.join("\n") };
  }

  it("sets the password of the application role from standard input", async () => {
    const { output, traces, code } = await run(["db:password"], `${secret}\n`);
    expect(output).toContain("The role moolai_app");
    expect(code).toBe(0);
    expect(traces).toContain("db-password.ts");
    expect(output + traces).not.toContain(secret);
    const url = new URL(database.url);
    url.password = secret;
    expect(await neonClient(url.href, database.endpoint)`SELECT current_user`).toEqual([
      { current_user: "moolai_app" },
    ]);
  });

  it("says so when the role does not exist, or no password comes in", async () => {
    expect(await run(["db:password", "--", "--role", "nobody"], secret)).toMatchObject({
      code: 1,
      output: expect.stringContaining("has no role nobody"),
    });
    expect(await run(["db:password"])).toMatchObject({
      code: 1,
      output: expect.stringContaining("No password came in"),
    });
  });

  it("creates a user with a password from standard input", async () => {
    const { output, traces } = await run(["user:create", "--", "--username", "ada", "--role", "superadmin"], secret);
    expect(output).toContain("Created ada as superadmin");
    expect(output + traces).not.toContain(secret);
  });

  it.each([
    ["db:sql", (password: string) => `ALTER ROLE moolai_app LOGIN PASSWORD '${password}'`],
    ["db:sql", (password: string) => `create user reader with encrypted password '${password}'`],
  ])("refuses a password in the arguments of %s, which npm has logged by then", async (command, statement) => {
    const { output, traces, code } = await run([command, "--", statement(secret)]);
    expect(code).toBe(1);
    expect(output).toContain("npm run db:password");
    // What the tests above look for is found where it is.
    expect(traces.split(secret).length).toBeGreaterThan(2);
  });

  it("refuses a password in the address of a PostgreSQL server", async () => {
    const address = `postgresql://owner:${secret}@127.0.0.1:1/app`;
    const { output, code } = await run(["db:endpoint", "--", "--postgres", address]);
    expect(code).toBe(1);
    expect(output).toContain("Put the URL into .dev.vars, as DATABASE_MIGRATION_URL.");
  });
});
