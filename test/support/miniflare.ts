import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { createRequire } from "node:module";

/** What the tests use of Miniflare, which is a dependency of wrangler's and so always of its version. */
export interface Miniflare {
  getWorker(): Promise<{ scheduled(): Promise<{ outcome: string }> }>;
  readonly ready: Promise<URL>;
  unsafeEvictDurableObject(
    script: string,
    className: string,
    options: { name: string; webSockets: "close" | "hibernate" },
  ): Promise<void>;
  unsafeGetDurableObjectStorage(
    script: string,
    className: string,
    options: { name: string },
  ): Promise<{ exec(query: string, ...params: unknown[]): Promise<Record<string, unknown>[]> }>;
  dispose(): Promise<void>;
}

export interface StructuredLog {
  timestamp: number;
  level: string;
  message: string;
}

interface MiniflareModule {
  Miniflare: new (options: unknown) => Miniflare;
  convertV4MiniflareOptions(options: Record<string, unknown>): unknown;
}

const fromWrangler = createRequire(createRequire(import.meta.url).resolve("wrangler"));

export function newMiniflare(options: Record<string, unknown>): Miniflare {
  const { Miniflare, convertV4MiniflareOptions } = fromWrangler("miniflare") as MiniflareModule;
  return new Miniflare(convertV4MiniflareOptions(options));
}

const runtimes: ChildProcess[] = [];
subscribe("child_process", (message) => {
  const { process } = message as { process: ChildProcess };
  // Published before the spawn: the file name is known only a tick later.
  setImmediate(() => {
    if (process.spawnfile?.includes("workerd")) runtimes.push(process);
  });
});

/** The runtime processes of this test file that are alive, oldest first. */
export function liveRuntimes(): ChildProcess[] {
  return runtimes.filter((runtime) => runtime.exitCode === null && runtime.signalCode === null);
}
