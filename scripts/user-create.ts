import { parseArgs } from "node:util";
import type { Role } from "../worker/contract/actor.ts";
import { onDatabase } from "./lib/database.ts";
import { readPassword } from "./lib/password-prompt.ts";
import { fail, runMain } from "./lib/project.ts";
import { databaseAddress, toolSettings } from "./lib/settings.ts";
import { USAGE } from "./lib/usage.mjs";
import { createUser } from "./lib/user.ts";

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
  const password = await readPassword();
  const database = toolSettings();
  const user = { username, role: role as Role, organizations, password };
  const name = await onDatabase(database, () => createUser(database, user));
  console.log(`Created ${name} as ${role} in the database at ${databaseAddress(database)}.`);
});
