import { prepareDatabase } from "./lib/database.ts";
import { runMain } from "./lib/project.ts";
import { toolSettings } from "./lib/settings.ts";

await runMain(async () => {
  const { applied, total } = await prepareDatabase(toolSettings());
  for (const tag of applied) console.log(`applied ${tag}`);
  console.log(`The database is at migration ${total} of ${total}.`);
});
