import type { TestProject } from "vitest/node";
import { startDatabase } from "./database.ts";

/** The database of the worker project: its tests run inside workerd and cannot start one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const database = await startDatabase("pglite");
  project.provide("databaseUrl", database.url);
  project.provide("databaseEndpoint", database.endpoint);
  return database.stop;
}
