import { fail, runMain } from "./lib/project.ts";
import { rotateSecrets } from "./lib/rotate-secrets.ts";
import { toolSettings } from "./lib/settings.ts";
import { USAGE } from "./lib/usage.mjs";

await runMain(async () => {
  const { SECRETS_KEY: current, PREVIOUS_SECRETS_KEY: previous } = process.env;
  if (!current || !previous) fail(USAGE["scripts/secrets-rotate.ts"] ?? "");
  const { rotated, current: already, unreadable } = await rotateSecrets(toolSettings(), { previous, current });
  console.log(`Encrypted anew: ${rotated} orchestrators. Already under the new key: ${already}.`);
  if (unreadable.length > 0) {
    fail(
      `Neither key can read the secrets of ${unreadable.join(", ")}. They were left as they are: register those orchestrators with their secrets again.`,
    );
  }
});
