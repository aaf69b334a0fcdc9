import type { Dropped } from "../contract/cleaning.ts";
import type { ErrorDetail } from "../contract/errors.ts";
import type { RegistrationFields } from "../contract/orchestrator.ts";
import { maskProblem, withoutMasks } from "../platform/redact.ts";

/** The fields that are told back: a mask in one of them would be told in place of the secret. */
const TOLD = ["features", "metadata", "session_config"] as const;

/** Why a person's registration is refused; null when it holds no mask. */
export function masksIn(fields: RegistrationFields): ErrorDetail | null {
  return maskProblem(Object.fromEntries(TOLD.map((name) => [name, fields[name]])));
}

/** An orchestrator is not refused for a decoration. An object of which nothing is left does not empty what is stored. */
export function dropMasks(fields: RegistrationFields): { fields: RegistrationFields; dropped: Dropped[] } {
  const result = { ...fields };
  const dropped: Dropped[] = [];
  for (const name of TOLD) {
    const given = fields[name];
    if (!given) continue;
    const { kept, paths } = withoutMasks(given);
    for (const path of paths)
      dropped.push({ path: `${name}.${path}`, reason: "a mask, not the secret that it stands for" });
    if (paths.length > 0 && Object.keys(kept).length === 0) delete result[name];
    else result[name] = kept;
  }
  return { fields: result, dropped };
}
