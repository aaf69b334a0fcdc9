import { actorName, coversBinding, organizationsOf } from "../contract/actor.ts";
import type { OrganizationConfig } from "../contract/config.ts";
import { MAX_BODY_BYTES, MAX_CONFIG_BYTES, MAX_JSON_KEYS_PER_OBJECT } from "../contract/limits.ts";
import { withDatabase } from "../db/client.ts";
import { storeConfig } from "../db/config-write.ts";
import { fleetOf } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditEntry } from "../middleware/caller.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { refuseMasks } from "./masks.ts";
import { requireRoom } from "./quotas.ts";

type Parts = Partial<Pick<OrganizationConfig, "features" | "settings" | "policies">>;

/** Stores the next revision and hands it to the organization's shard, which pushes it. */
export async function publish(c: AppContext, id: string, request: { merge: boolean; expected: number | null } & Parts) {
  const actor = c.get("actor");
  const { expected, features, settings, policies } = request;
  refuseMasks({ features, settings, policies });
  // Of somebody else's organization nothing may be told, not even that it is at its limit.
  if (coversBinding(actor, [id])) await requireRoom(c, "configurations_per_day_per_organization", id);
  const audit = auditEntry(c, {
    action: "config.publish",
    targetType: "organization",
    targetId: id,
    organizationId: id,
    // Known to the statement alone, which fills both in.
    before: null,
    after: null,
  });
  const {
    outcome: result,
    config: stored,
    bytes,
  } = await withDatabase(c.env, (db) =>
    storeConfig(
      db,
      { organizationId: id, ...request, actor: actorName(actor), organizations: organizationsOf(actor) },
      audit,
    ),
  );
  if (result === "too_large") throw tooLarge(bytes);
  if (!stored || result === "missing") throw notFound(`Organization ${id}`);
  if (result === "conflict") {
    const message = `Revision ${stored.revision} is stored, not ${expected}`;
    throw new ApiError("version_conflict", message, { current: { organization_id: id, ...stored } });
  }
  // Also when nothing changed: a repeated request makes good for a push that was lost on the way.
  const told = result === "unchanged" ? { ...stored, again: true } : stored;
  if (stored.revision > 0) await fleetOf(c.env, id).publishConfig(id, told);
  return stored;
}

/** `bytes`: the size of the whole configuration, when that is what is too large. */
function tooLarge(bytes: number | undefined): ApiError {
  const details =
    bytes === undefined
      ? {
          path: "/body/features",
          message: `together with those that are stored: more than ${MAX_JSON_KEYS_PER_OBJECT} keys or ${MAX_BODY_BYTES / 1024} KiB`,
        }
      : {
          path: "/body",
          message: `the whole configuration would take ${bytes} bytes to tell an orchestrator, features twice; the limit is ${MAX_CONFIG_BYTES}`,
        };
  return new ApiError("validation_failed", `The configuration is too large: ${details.message}`, {
    details: [{ code: "too_big", ...details }],
  });
}
