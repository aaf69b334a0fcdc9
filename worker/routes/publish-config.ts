import { actorName, coversBinding, organizationsOf } from "../contract/actor.ts";
import type { OrganizationConfig } from "../contract/config.ts";
import { MAX_BODY_BYTES, MAX_CONFIG_BYTES, MAX_JSON_KEYS_PER_OBJECT } from "../contract/values/limits.ts";
import { withDatabase } from "../db/client.ts";
import { type PublishOutcome, storeConfig } from "../db/config-write.ts";
import { fleetOf } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { auditEntry } from "../middleware/caller.ts";
import { ApiError, notFound } from "../middleware/errors.ts";
import { refuseMasks } from "./masks.ts";
import { requireRoom } from "./quotas.ts";

type Parts = Partial<Pick<OrganizationConfig, "features" | "settings" | "policies">>;

interface Publication extends Parts {
  merge: boolean;
  expected: number | null;
}

/** Stores the next revision and sends it to the organization's shard, which pushes it. */
export async function publish(c: AppContext, id: string, publication: Publication): Promise<OrganizationConfig> {
  const { request, audit } = preparePublication(c, id, publication);
  // Nothing about a foreign organization may be revealed, not even that it is at its limit.
  if (coversBinding(c.get("actor"), [id])) await requireRoom(c, "configurations_per_day_per_organization", id);
  const outcome = await withDatabase(c.env, (db) => storeConfig(db, request, audit));
  return await handOut(c, id, outcome);
}

/** The request to the database. A new organization has no revisions yet, so the quota is checked only by {@link publish}. */
export function preparePublication(c: AppContext, id: string, { merge, expected, ...parts }: Publication) {
  const actor = c.get("actor");
  refuseMasks({ ...parts });
  const audit = auditEntry(c, {
    action: "config.publish",
    targetType: "organization",
    targetId: id,
    organizationId: id,
    // Filled in by the statement.
    before: null,
    after: null,
  });
  const author = { actor: actorName(actor), organizations: organizationsOf(actor) };
  return { request: { organizationId: id, merge, expected, ...parts, ...author }, audit };
}

/** Sends the stored revision to the organization's shard, or refuses with the reason why none was stored. */
export async function handOut(c: AppContext, id: string, outcome: PublishOutcome): Promise<OrganizationConfig> {
  const { outcome: result, config: stored, bytes } = outcome;
  if (result === "too_large") throw tooLarge(bytes);
  if (!stored || result === "missing") throw notFound(`Organization ${id}`);
  if (result === "conflict") {
    const message = `Revision ${stored.revision} is stored, which is not the one that this was made from`;
    throw new ApiError("version_conflict", message, { current: { organization_id: id, ...stored } });
  }
  if (stored.revision === 0) return stored;
  // Also when nothing changed, because a repeated request replaces a push that was lost.
  const told = result === "unchanged" ? { ...stored, again: true } : stored;
  try {
    await fleetOf(c.env, id).publishConfig(id, told);
  } catch (cause) {
    // The cron trigger hands out what no shard has.
    const message = `Revision ${stored.revision} is stored, and its orchestrators get it within minutes`;
    throw new ApiError("overloaded", message, { accepted: true, cause });
  }
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
          message: `the frame with the whole configuration, which contains the features twice, would have ${bytes} bytes; the limit is ${MAX_CONFIG_BYTES}`,
        };
  return new ApiError("validation_failed", `The configuration is too large: ${details.message}`, {
    details: [{ code: "too_big", ...details }],
  });
}
