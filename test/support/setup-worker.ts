import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

/**
 * The database of the worker project: its tests run inside workerd and cannot start one. In a process of its own, because
 * this one transforms and reports for every test file, and a statement must not wait for that.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const child = fork(fileURLToPath(new URL("./database-process.ts", import.meta.url).href));
  const { url, endpoint } = await addressOf(child);
  project.provide("databaseUrl", url);
  project.provide("databaseEndpoint", endpoint);
  return async () => {
    const ended = once(child, "exit");
    child.disconnect();
    await ended;
  };
}

async function addressOf(child: ChildProcess): Promise<{ url: string; endpoint: string }> {
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`the database of the worker project ended with ${code}`);
  });
  const [address] = await Promise.race([once(child, "message"), failed]);
  // From here on its end is what the teardown waits for.
  failed.catch(() => undefined);
  return address;
}
