import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { portFrom } from "./ports.ts";
import { isAlive, projectPath } from "./project.ts";

/** Where the controller and the database of this checkout listen now. A part that does not run is absent. */
export interface Running {
  controller?: { pid: number; port: number };
  /** The local database. It may run without the controller; with Neon it never runs. */
  database?: { pid: number; endpoint: string };
}

const FOLDER = projectPath(".data/running");

/** `since` distinguishes the process from a later one with the same number; null where the system cannot report it. */
const owner = { pid: z.int().positive(), since: z.string().nullable() };
const controllerFile = z.object({ ...owner, port: z.int().min(1).max(65_535) });
const databaseFile = z.object({ ...owner, endpoint: z.url() });

/**
 * Announces this process to the tools in other terminals. Call the returned function at the stop. Throws while another process
 * of this checkout runs the same part: two processes would damage the same objects or the same database.
 */
export function announce(what: { port?: number; endpoint?: string | undefined }, folder = FOLDER): () => void {
  const { controller, database } = findRunning(folder);
  if (what.port !== undefined && controller)
    throw new Error(alreadyRuns(`The controller on port ${controller.port}`, controller.pid));
  if (what.endpoint !== undefined && database) {
    const name = controller?.pid === database.pid ? `The controller on port ${controller.port}` : "The database";
    throw new Error(alreadyRuns(name, database.pid));
  }
  const own = { pid: process.pid, since: sinceOf(process.pid) };
  mkdirSync(folder, { recursive: true });
  if (what.port !== undefined) write(folder, "controller", { ...own, port: what.port });
  if (what.endpoint !== undefined) write(folder, "database", { ...own, endpoint: what.endpoint });
  return () => {
    const running = findRunning(folder);
    for (const part of ["controller", "database"] as const)
      if (running[part]?.pid === process.pid) rmSync(fileOf(folder, part), { force: true });
  };
}

function alreadyRuns(what: string, pid: number): string {
  return `${what} of this checkout runs already, as process ${pid}. Stop that first.`;
}

/** What runs now. A killed process leaves its file, so a file whose process is gone does not count. */
export function findRunning(folder = FOLDER): Running {
  const controller = read(folder, "controller", controllerFile);
  const database = read(folder, "database", databaseFile);
  return {
    ...(controller && { controller: { pid: controller.pid, port: controller.port } }),
    ...(database && { database: { pid: database.pid, endpoint: database.endpoint } }),
  };
}

export class NotRunning extends Error {}

/**
 * The address of the controller that a command uses: on PORT, or that of this checkout. The default port alone is not enough: the
 * controller of another checkout may listen there.
 */
export function localController(folder = FOLDER): string {
  const { PORT: port } = process.env;
  if (port) return `http://127.0.0.1:${portFrom(port)}`;
  const { controller } = findRunning(folder);
  if (controller) return `http://127.0.0.1:${controller.port}`;
  throw new NotRunning(
    "No controller of this checkout runs. Start it with npm start, or name another one: its port with PORT, or its address with --url.",
  );
}

function read<T extends { pid: number; since: string | null }>(
  folder: string,
  part: "controller" | "database",
  schema: z.ZodType<T>,
): T | null {
  let text: string;
  try {
    text = readFileSync(fileOf(folder, part), "utf8");
  } catch {
    return null;
  }
  const said = schema.safeParse(jsonOf(text)).data;
  if (!said || !isAlive(said.pid)) return null;
  return said.since === null || said.since === sinceOf(said.pid) ? said : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function write(folder: string, part: "controller" | "database", content: object): void {
  writeFileSync(fileOf(folder, part), JSON.stringify(content));
}

function fileOf(folder: string, part: string): string {
  return join(folder, `${part}.json`);
}

/** When a process was started, in the format of this system. Process numbers are reused, and soon after a reboot. */
function sinceOf(pid: number): string | null {
  try {
    // Ticks since this boot, after the name in brackets, which may hold anything.
    const ticks = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ")[19];
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${ticks}`;
  } catch {
    const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return stdout?.trim() || null;
  }
}
