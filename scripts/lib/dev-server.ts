import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { FRONT_KEY_HEADER } from "../../worker/middleware/development.ts";
import type { Front } from "./front.ts";
import { projectPath } from "./project.ts";
import { devVarsText, readDevVars } from "./settings.ts";

export interface Controller {
  /** Resolves when GET /health answers; rejects when wrangler exits first. */
  ready: Promise<void>;
  /** Resolves when the runtime has been ready and has stopped answering, although wrangler still runs. */
  mute: Promise<void>;
  /** Rejects when wrangler exits by itself. */
  ended: Promise<void>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const PROBE_EVERY_MS = 3_000;
const PROBE_TIMEOUT_MS = 5_000;
/** On a busy machine a file may not be served for a while. After a crash, one miss is enough. */
const MISSES_OF_MUTE = 6;
const MISSES_AFTER_CRASH = 1;
const MAX_RESTARTS = 3;
const RESTARTS_WITHIN_MS = 5 * 60_000;

/** Keeps `wrangler dev` quiet, and from calls over the network. */
export const QUIET_WRANGLER = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  // Otherwise it asks a server for the location of this machine.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** Options of `wrangler dev` without which the Worker refuses everything: the build, and the Host as the caller wrote it. */
const DEVELOPMENT_BUILD = ["--define", "DEVELOPMENT_BUILD:true", "--infer-origin-from-routes=false"];

export interface ControllerOptions {
  /** What callers use; wrangler listens behind it. */
  front: Front;
  /** The local endpoint of the database; absent when it is Neon's. */
  endpoint: string | undefined;
  /** Where the objects are kept. */
  folder?: string;
  /** More options of `wrangler dev`. */
  wranglerArgs?: string[];
}

/** Runs the Worker in `wrangler dev` behind `front`, with the settings of `.dev.vars` and its database at `endpoint`. */
export function startController(options: ControllerOptions): Controller {
  const { front, endpoint, folder = projectPath(".data"), wranglerArgs = [] } = options;
  const port = front.runtimePort;
  const args = ["dev", "--ip", "127.0.0.1", "--port", String(port), "--persist-to", join(folder, "wrangler")];
  args.push(...DEVELOPMENT_BUILD, "--inspector-port", "0", "--show-interactive-dev-session=false");
  // Other users of this machine may read it here: it stops web pages, and those users can call the front as it is.
  args.push("--var", `DEV_FRONT_KEY:${front.key}`);
  args.push(...overrides(endpoint, folder), ...wranglerArgs);
  const child = spawn(process.execPath, [projectPath("scripts/run.mjs"), "wrangler", ...args], {
    cwd: projectPath(),
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...QUIET_WRANGLER,
      STOP_WITH_PARENT: "1",
      ...(process.stdout.isTTY && { FORCE_COLOR: "1" }),
    },
    // A session of its own: Ctrl-C reaches only this process, which then stops things in their order.
    detached: process.platform !== "win32",
  });
  let hasCrashed = false;
  const onLine = (line: string) => {
    hasCrashed ||= /runtime crashed unexpectedly/i.test(line);
  };
  // wrangler names its own port, which answers nobody.
  const rewrite = (line: string) => line.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${front.port}`);
  const showOutput = holdOutput(child.stdout, child.stderr, onLine, rewrite);
  const exited = once(child, "exit");
  let isClosing = false;
  const ended = exited.then(([code]) => {
    if (isClosing) return;
    showOutput({ withHeld: true });
    killGroup(child.pid);
    throw new Error(`wrangler dev exited by itself (exit code ${code}); its lines above give the reason.`);
  });
  const isOver = () => isClosing || child.exitCode !== null || child.signalCode !== null;
  const healthy = waitForHealth(`http://127.0.0.1:${port}/health`, front.key, isOver);
  const ready = Promise.race([healthy, ended]).then(
    () => showOutput({ withHeld: false }),
    (error: unknown) => {
      showOutput({ withHeld: true });
      throw error;
    },
  );
  const mute = ready.then(() =>
    waitUntilMute(`http://127.0.0.1:${port}/icon.svg`, isOver, () =>
      hasCrashed ? MISSES_AFTER_CRASH : MISSES_OF_MUTE,
    ),
  );
  // Each may reject when nothing awaits it any more.
  for (const outcome of [ended, healthy, ready, mute]) outcome.catch(() => {});
  return {
    ready,
    mute,
    ended,
    close: async () => {
      isClosing = true;
      child.kill("SIGTERM");
      const killer = globalThis.setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(killer);
      killGroup(child.pid);
    },
  };
}

/**
 * A sentence when the Worker answers, but its objects do not, for example because a full disk has damaged their files. /health
 * does not use the objects. Null: they answer.
 */
export async function objectsProblem(url: string, token: string, folder = ".data/wrangler"): Promise<string | null> {
  const response = await fetch(`${url}/api/v1/controller/orchestrators/live`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  }).catch(() => undefined);
  await response?.body?.cancel();
  if (response?.status !== 500) return null;
  return `The Worker answers, but its objects do not: their files in ${folder} may be damaged. Stop it, delete that folder, and start it again; orchestrators come back by themselves.`;
}

/** Ends the runtimes that a killed wrangler leaves behind: they would keep the port. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined || process.platform === "win32") return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing was left.
  }
}

/**
 * Runs a controller until `stopped`. wrangler replaces a runtime process that dies, except its proxy process, which then never
 * answers again: in that case everything is restarted. Throws a sentence when restarts do not help.
 */
export async function keepRunning(
  start: () => Controller,
  stopped: Promise<void>,
  onReady: () => void | Promise<void>,
  now: () => number = Date.now,
): Promise<void> {
  const deaths: number[] = [];
  for (;;) {
    const controller = start();
    try {
      const begun = await Promise.race([controller.ready.then(() => "ready"), stopped.then(() => "stopped")]);
      if (begun === "stopped") return;
      if (deaths.length === 0) await onReady();
      else console.log("The controller is ready again.");
      const over = await Promise.race([
        controller.ended,
        controller.mute.then(() => "mute"),
        stopped.then(() => "stopped"),
      ]);
      if (over !== "mute") return;
    } finally {
      await controller.close();
    }
    deaths.push(now());
    const recent = deaths.filter((at) => now() - at < RESTARTS_WITHIN_MS).length;
    if (recent > MAX_RESTARTS) {
      throw new Error(
        `The local runtime died ${recent} times in ${RESTARTS_WITHIN_MS / 60_000} minutes; its lines above may give the reason. Start again with npm start.`,
      );
    }
    console.error("The local runtime has died. Restarting it…");
  }
}

/** wrangler reads variables from files only: `.dev.vars`, or this copy of it when the command line changed something. */
function overrides(endpoint: string | undefined, folder: string): string[] {
  if (endpoint === undefined || endpoint === readDevVars().DATABASE_ENDPOINT) return [];
  const file = join(folder, "dev.vars");
  mkdirSync(folder, { recursive: true });
  // A file that is there already would keep its mode.
  rmSync(file, { force: true });
  writeFileSync(file, `${devVarsText()}\nDATABASE_ENDPOINT=${endpoint}\n`, { mode: 0o600 });
  return ["--env-file", file];
}

/** Holds wrangler's output during the start, its table of bindings and its hints. A failed start shows it. */
function holdOutput(
  output: Readable,
  errors: Readable,
  onLine: (line: string) => void,
  rewrite: (line: string) => string,
): (options: { withHeld: boolean }) => void {
  const held: string[] = [];
  let isShown = false;
  const hold = (from: Readable, to: NodeJS.WritableStream) =>
    createInterface({ input: from }).on("line", (line) => {
      onLine(line);
      if (isRequestLine(line)) return;
      // wrangler colours its warnings even when they go into a file.
      const text = `${rewrite(process.stdout.isTTY ? line : stripVTControlCharacters(line))}\n`;
      if (isShown) to.write(text);
      else held.push(text);
    });
  hold(output, process.stdout);
  hold(errors, process.stderr);
  return ({ withHeld }) => {
    if (withHeld && !isShown) process.stdout.write(held.join(""));
    isShown = true;
  };
}

/** wrangler's own line for a request. The Worker writes a better one. Exceptions of a Worker have other lines. */
export function isRequestLine(line: string): boolean {
  return /^\[wrangler:info\] [A-Z]+ \/\S* \d{3} /.test(stripVTControlCharacters(line));
}

async function waitForHealth(url: string, key: string, isOver: () => boolean): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let last = "nothing";
  while (!isOver()) {
    const headers = { [FRONT_KEY_HEADER]: key };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    if (response?.ok) return void (await response.body?.cancel());
    if (response) last = `${response.status}: ${(await response.text().catch(() => "")).slice(0, 500)}`;
    if (Date.now() > deadline) throw new Error(`The controller did not become healthy; GET /health answers ${last}`);
    await setTimeout(100);
  }
}

/** Requests a file, which needs neither the Worker nor the database, until it is no longer served. */
async function waitUntilMute(url: string, isOver: () => boolean, limit: () => number): Promise<void> {
  let misses = 0;
  while (misses < limit()) {
    await setTimeout(PROBE_EVERY_MS, undefined, { ref: false });
    // While it closes, silence is expected: this promise stays pending, and nothing awaits it.
    if (isOver()) return await new Promise(() => {});
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch(() => undefined);
    await response?.body?.cancel();
    misses = response === undefined ? misses + 1 : 0;
  }
}
