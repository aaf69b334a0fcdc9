import { parseArgs } from "node:util";
import { onDatabase } from "./lib/database.ts";
import { APP_ROLE, setRolePassword } from "./lib/migrate.ts";
import { readPassword } from "./lib/password-prompt.ts";
import { fail, runMain } from "./lib/project.ts";
import { databaseAddress, toolSettings } from "./lib/settings.ts";

await runMain(async () => {
  const { values } = parseArgs({ options: { role: { type: "string", default: APP_ROLE } } });
  const { role } = values;
  const database = toolSettings();
  const password = await readPassword();
  if (password === "") fail("No password came in. Type it, or pipe it into this command.");
  const isSet = await onDatabase(database, () => setRolePassword(database.ownerUrl, role, password, database.endpoint));
  if (!isSet) fail(`The database at ${databaseAddress(database)} has no role ${role}. Run npm run db:migrate first.`);
  console.log(`The role ${role} of the database at ${databaseAddress(database)} logs in with the new password.`);
});
