import { parseArgs } from "node:util";
import { onDatabase, prepareDatabase } from "./lib/database.ts";
import { runMain } from "./lib/project.ts";
import { databaseAddress, toolSettings } from "./lib/settings.ts";

await runMain(async () => {
  parseArgs({ options: {} });
  const database = toolSettings();
  const { applied, total } = await onDatabase(database, () => prepareDatabase(database));
  for (const tag of applied) console.log(`applied ${tag}`);
  console.log(`The database at ${databaseAddress(database)} is at migration ${total} of ${total}.`);
});
