import { parseArgs } from "node:util";
import { onDatabase, prepareDatabase, startLocalDatabase } from "./lib/database.ts";
import { assertPortFree, portOf } from "./lib/ports.ts";
import { fail, runMain, untilStopped } from "./lib/project.ts";
import { announce } from "./lib/running.ts";
import { assertPostgresUrl, databaseSettings, readDevVars, withPort } from "./lib/settings.ts";

await runMain(async () => {
  const { values } = parseArgs({ options: { postgres: { type: "string" }, port: { type: "string" } } });
  const settings = withPort(databaseSettings(readDevVars()), values.port ?? (process.env.DATABASE_PORT || undefined));
  const { endpoint } = settings;
  if (endpoint === undefined) fail("DATABASE_URL is a Neon database (no DATABASE_ENDPOINT): nothing to serve.");
  if (values.postgres !== undefined) {
    assertPostgresUrl("--postgres", values.postgres);
    if (new URL(values.postgres).password !== "")
      fail("A password on a command line stays in logs. Put the URL into .dev.vars, as DATABASE_MIGRATION_URL.");
  }
  const postgres = values.postgres ?? settings.postgres;
  const retract = announce({ endpoint });
  try {
    await assertPortFree(portOf(endpoint), "the database", "npm run db:endpoint -- --port 5489");
    const stopped = untilStopped();
    const server = await startLocalDatabase(portOf(endpoint), postgres);
    try {
      const database = { ...settings, ...(postgres !== undefined && { postgres, ownerUrl: postgres }) };
      const { applied } = await onDatabase(database, () => prepareDatabase(database));
      if (applied.length > 0) console.log(`Applied migrations: ${applied.join(", ")}.`);
      const behind =
        postgres === undefined ? "the embedded database in .data/postgres" : `PostgreSQL at ${new URL(postgres).host}`;
      console.log(`The database endpoint is ready on ${endpoint}, in front of ${behind}. Stop it with Ctrl-C.`);
      await stopped;
    } finally {
      await server.close();
    }
  } finally {
    retract();
  }
});
