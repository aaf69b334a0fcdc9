import { type QuotaKind, quotaMessage } from "../contract/quotas.ts";
import { type CountedQuota, isQuotaReached } from "../db/quotas.ts";
import { fleetOf } from "../fleet/shard.ts";
import type { AppContext } from "../middleware/app-env.ts";
import { ApiError } from "../middleware/errors.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { settingsOf } from "../platform/settings.ts";

/** A quota does not pass by itself: a program need not repeat the request soon. */
const RETRY_AFTER_SEC = 900;

/** Refuses when this organization or account has reached its limit. Concurrent calls may pass together. */
export async function requireRoom(c: AppContext, kind: CountedQuota, holder: string): Promise<void> {
  const limit = settingsOf(c.env).quotas[kind];
  if (await isQuotaReached(c.env, kind, holder, limit)) throw quotaExceeded(kind, limit);
}

/** For a new orchestrator. The shard counts, so that one can be registered while Postgres is away. */
export async function requireRoomForOrchestrator(c: AppContext, id: string, organizationId: string): Promise<void> {
  if (await orchestratorOf(c.env, id).describe()) return;
  const limit = settingsOf(c.env).quotas.orchestrators_per_organization;
  // A shard that still runs the previous version cannot count, and then nobody is refused.
  const held = await fleetOf(c.env, organizationId)
    .memberCount(organizationId)
    .catch(() => 0);
  if (held >= limit) throw quotaExceeded("orchestrators_per_organization", limit);
}

function quotaExceeded(kind: QuotaKind, limit: number): ApiError {
  const details = [{ path: `/quota/${kind}`, code: "quota_exceeded", message: `the limit is ${limit}` }];
  return new ApiError("quota_exceeded", quotaMessage(kind, limit), { details, retryAfterSec: RETRY_AFTER_SEC });
}
