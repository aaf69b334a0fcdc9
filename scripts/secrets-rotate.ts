import { onDatabase } from "./lib/database.ts";
import { fail, runMain } from "./lib/project.ts";
import { rotateSecrets } from "./lib/rotate-secrets.ts";
import { toolSettings } from "./lib/settings.ts";
import { USAGE } from "./lib/usage.mjs";

await runMain(async () => {
  const { SECRETS_KEY: current, PREVIOUS_SECRETS_KEY: previous } = process.env;
  if (!current || !previous) fail(USAGE["scripts/secrets-rotate.ts"] ?? "");
  const database = toolSettings();
  const outcome = await onDatabase(database, () => rotateSecrets(database, { previous, current }));
  const { rotated, current: already, unreadable } = outcome;
  console.log(`Encrypted anew: ${rotated} orchestrators. Already under the new key: ${already}.`);
  if (unreadable.length > 0) {
    fail(
      `Neither key can read the secrets of ${unreadable.join(", ")}. They were left as they are: register those orchestrators with their secrets again.`,
    );
  }
});
