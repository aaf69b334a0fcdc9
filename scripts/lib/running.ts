import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { projectPath } from "./project.ts";

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

/** Tells the tools of other terminals. Call what it returns at the stop. */
export function announce(running: Omit<Running, "pid">, file = FILE): () => void {
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

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && Reflect.get(error, "code") === "EPERM";
  }
}
