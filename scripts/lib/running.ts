import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isAlive, projectPath } from "./project.ts";

/** Where the controller or the database of this checkout listens at the moment. */
export interface Running {
  /** Of the process that listens. */
  pid: number;
  /** Of the controller; absent when only the database runs. */
  port?: number;
  /** Of the local database; absent with Neon. */
  endpoint?: string;
}

const FILE = projectPath(".data/running.json");

/**
 * Tells the tools of other terminals. Call what it returns at the stop. Throws while another process of this checkout
 * runs: two on the same objects and the same database would destroy both.
 */
export function announce(running: Omit<Running, "pid">, file = FILE): () => void {
  const other = findRunning(file);
  if (other.pid !== undefined) {
    const what = other.port === undefined ? "The database" : `The controller on port ${other.port}`;
    throw new Error(
      `${what} of this checkout runs already, as process ${other.pid}. Stop that first; if it is something else, delete ${file}.`,
    );
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ pid: process.pid, ...running }));
  return () => {
    if (read(file)?.pid === process.pid) rmSync(file, { force: true });
  };
}

/** What runs now. Nothing, when the process that said so is gone: a killed one leaves its file. */
export function findRunning(file = FILE): Partial<Running> {
  const running = read(file);
  return running && isAlive(running.pid) ? running : {};
}

function read(file: string): Running | null {
  try {
    const { pid, port, endpoint } = JSON.parse(readFileSync(file, "utf8"));
    if (!Number.isInteger(pid)) return null;
    return { pid, ...(Number.isInteger(port) && { port }), ...(URL.canParse(endpoint) && { endpoint }) };
  } catch {
    return null;
  }
}
