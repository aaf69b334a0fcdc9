import { parseArgs } from "node:util";
import { prepareDatabase, startLocalDatabase } from "./lib/database.ts";
import { fail, runMain, untilStopped } from "./lib/project.ts";
import { announce } from "./lib/running.ts";
import { databaseSettings, readDevVars } from "./lib/settings.ts";

await runMain(async () => {
  const { values } = parseArgs({ options: { postgres: { type: "string" }, port: { type: "string" } } });
  const settings = databaseSettings(readDevVars());
  if (settings.endpoint === undefined)
    fail("DATABASE_URL is a Neon database (no DATABASE_ENDPOINT): nothing to serve.");
  const port = Number(values.port ?? new URL(settings.endpoint).port);
  const postgres = values.postgres ?? settings.postgres;
  const endpoint = await startLocalDatabase(port, postgres);
  const ownerUrl = postgres ?? settings.ownerUrl;
  const { applied } = await prepareDatabase({ ...settings, ownerUrl, endpoint: endpoint.url });
  if (applied.length > 0) console.log(`applied ${applied.join(", ")}`);
  const behind =
    postgres === undefined ? "the embedded database in .data/postgres" : `PostgreSQL at ${hostOf(postgres)}`;
  console.log(`The database endpoint is ready on ${endpoint.url}, in front of ${behind}. Stop it with Ctrl-C.`);
  const retract = announce({ endpoint: endpoint.url });
  await untilStopped();
  await endpoint.close();
  retract();
});

function hostOf(url: string): string {
  return new URL(url).host;
}
