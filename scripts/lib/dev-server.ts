import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { projectPath } from "./project.ts";
import { devVarsText, readDevVars } from "./settings.ts";

export interface Controller {
  /** Resolves when GET /health answers; rejects when wrangler ends first. */
  ready: Promise<void>;
  ended: Promise<void>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/** `wrangler dev` as quiet as it can be, and without calls over the network. */
export const QUIET_WRANGLER = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  // It would ask the network where this machine is.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/** Options of `wrangler dev` without which the Worker refuses everything: the build, and the Host as the caller wrote it. */
export const DEVELOPMENT_BUILD = ["--define", "DEVELOPMENT_BUILD:true", "--infer-origin-from-routes=false"];

/** Runs the Worker in `wrangler dev` on loopback, with the settings of `.dev.vars` and its database at `endpoint`. */
export function startController(port: number, endpoint: string | undefined): Controller {
  const args = ["dev", "--ip", "127.0.0.1", "--port", String(port), "--persist-to", projectPath(".data/wrangler")];
  args.push(...DEVELOPMENT_BUILD, "--inspector-port", "0", "--show-interactive-dev-session=false");
  args.push(...overrides(endpoint));
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
  const showOutput = holdOutput(child.stdout, child.stderr);
  const exited = once(child, "exit");
  let isClosing = false;
  const ended = exited.then(([code]) => {
    if (isClosing) return;
    showOutput({ withHeld: true });
    throw new Error(`wrangler dev ended by itself (exit code ${code}); its lines above say why.`);
  });
  const healthy = waitForHealth(`http://127.0.0.1:${port}/health`, () => isClosing || child.exitCode !== null);
  const ready = Promise.race([healthy, ended]).then(
    () => showOutput({ withHeld: false }),
    (error: unknown) => {
      showOutput({ withHeld: true });
      throw error;
    },
  );
  // Each may fail while nobody waits for it any more.
  for (const outcome of [ended, healthy, ready]) outcome.catch(() => {});
  return {
    ready,
    ended,
    close: async () => {
      isClosing = true;
      child.kill("SIGTERM");
      const killer = globalThis.setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(killer);
    },
  };
}

/** wrangler reads variables from files only: `.dev.vars`, or this copy of it when the command line changed something. */
function overrides(endpoint: string | undefined): string[] {
  if (endpoint === undefined || endpoint === readDevVars().DATABASE_ENDPOINT) return [];
  const file = projectPath(".data/dev.vars");
  mkdirSync(projectPath(".data"), { recursive: true });
  // A file that is there already would keep its mode.
  rmSync(file, { force: true });
  writeFileSync(file, `${devVarsText()}\nDATABASE_ENDPOINT=${endpoint}\n`, { mode: 0o600 });
  return ["--env-file", file];
}

/** Keeps back what wrangler says while it starts, its table of bindings and its hints; it is shown when the start fails. */
function holdOutput(output: Readable, errors: Readable): (options: { withHeld: boolean }) => void {
  const held: string[] = [];
  let isShown = false;
  const hold = (from: Readable, to: NodeJS.WritableStream) =>
    createInterface({ input: from }).on("line", (line) => {
      if (isRequestLine(line)) return;
      // wrangler colours its warnings even when they go into a file.
      const text = `${process.stdout.isTTY ? line : stripVTControlCharacters(line)}\n`;
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

/** wrangler's own line for a request: the Worker writes one too, which says more. What a Worker throws has other lines. */
export function isRequestLine(line: string): boolean {
  return /^\[wrangler:info\] [A-Z]+ \/\S* \d{3} /.test(stripVTControlCharacters(line));
}

async function waitForHealth(url: string, isOver: () => boolean): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let last = "nothing";
  while (!isOver()) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    if (response?.ok) return void (await response.body?.cancel());
    if (response) last = `${response.status}: ${(await response.text().catch(() => "")).slice(0, 500)}`;
    if (Date.now() > deadline) throw new Error(`The controller did not become healthy; GET /health answers ${last}`);
    await setTimeout(100);
  }
}
