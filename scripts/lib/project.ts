import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A path inside the project, wherever the command was started. */
export function projectPath(...parts: string[]): string {
  return join(root, ...parts);
}

/** Where built assets are: `ASSETS_DIR` keeps builds of the same tree apart, else what wrangler serves. */
export function assetsDir(): string {
  const chosen = process.env.ASSETS_DIR;
  return chosen ? resolve(chosen) : projectPath("dist/assets");
}

/** Ends the process with a sentence for the person at the terminal, without a stack. */
export function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs a command-line script: what it throws becomes one line and exit code 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    fail(sentenceFor(error));
  }
}

export function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = String(errorCode(error));
  const path = "path" in error ? String(error.path) : null;
  if (["EACCES", "EPERM", "EROFS"].includes(code) && path !== null)
    return `This user may not use ${path} (${code}). The checkout and its .data/ must be writable.`;
  if (code === "ENOSPC" || code === "EDQUOT")
    return `There is no space left on the disk${path === null ? "" : ` for ${path}`} (${code}). Make some, then try again.`;
  if (code === "ENOENT" && path !== null) return `There is no file ${path}.`;
  // Node explains at length how its parser could be told otherwise.
  if (code.startsWith("ERR_PARSE_ARGS"))
    return `${error.message.split(/\. |\n/)[0]?.replace(/\.$/, "")}. Add --help to see what there is.`;
  return error.message;
}

/** Resolves when the process is asked to stop. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve());
  });
}

/** Whether there is a process of that number; somebody else's counts. */
export function isAlive(pid: number): boolean {
  // 0 would be this process's own group.
  if (!(pid > 0)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** Node's own code of an error (EADDRINUSE…). */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Runs a command of node_modules/.bin on this Node, on this terminal, and resolves to its exit code. */
export function runTool(name: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, [projectPath("scripts/run.mjs"), name, ...args], {
    stdio: "inherit",
    env: { ...process.env, ...env, STOP_WITH_PARENT: "1" },
  });
  const forward = (signal: NodeJS.Signals) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  process.on("SIGINT", forward).on("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      process.off("SIGINT", forward).off("SIGTERM", forward);
      resolve(code ?? 1);
    });
  });
}
