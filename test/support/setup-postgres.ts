import type { TestProject } from "vitest/node";
import { startSharedPostgres } from "./database.ts";

/** One server for the whole run, although each project loads this module anew: hence not a variable of the module. */
declare global {
  var moolaiTestPostgres: ReturnType<typeof startSharedPostgres> | undefined;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  globalThis.moolaiTestPostgres ??= startSharedPostgres();
  const { ownerUrl, applicationPassword, stop } = await globalThis.moolaiTestPostgres;
  project.provide("postgres", { ownerUrl, applicationPassword });
  // All projects end together, and a second stop does nothing.
  return stop;
}
