import { parseArgs } from "node:util";
import { onDatabase } from "./lib/database.ts";
import { readPassword } from "./lib/password-prompt.ts";
import { fail, runMain } from "./lib/project.ts";
import { databaseAddress, toolSettings } from "./lib/settings.ts";
import { USAGE } from "./lib/usage.mjs";
import { assertOrganizations, createUser, personFrom } from "./lib/user.ts";

await runMain(async () => {
  const { values } = parseArgs({
    options: {
      username: { type: "string" },
      role: { type: "string" },
      organization: { type: "string", multiple: true, default: [] },
    },
  });
  const { username, role, organization: organizations } = values;
  if (username === undefined || role === undefined) fail(USAGE["scripts/user-create.ts"] ?? "");
  const person = personFrom({ username, role, organizations });
  const database = toolSettings();
  await onDatabase(database, () => assertOrganizations(database, person.organizations));
  const password = await readPassword();
  const name = await onDatabase(database, () => createUser(database, { ...person, password }));
  console.log(`Created ${name} as ${role} in the database at ${databaseAddress(database)}.`);
});
