import { SHARED_POSTGRES } from "./database.ts";
import { startPostgres } from "./embedded-postgres.ts";

/** One PostgreSQL server for the whole run; each test file makes a database of its own in it. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  // Test processes inherit the environment of this one, which starts them later.
  process.env[SHARED_POSTGRES] = server.ownerUrl;
  return server.stop;
}
