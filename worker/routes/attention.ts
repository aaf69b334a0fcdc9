import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { RefusalReport } from "../contract/refusals.ts";
import { type Attention, type AttentionKind, attention as answer, attentionQuery } from "../contract/rest/attention.ts";
import { envelope, isoMoment, toLimitView } from "../contract/rest/common.ts";
import { ATTENTION_KINDS, ATTENTION_SEVERITIES } from "../contract/values/lists.ts";
import { type RefusedId, readAttention } from "../db/attention.ts";
import { allShards } from "../fleet/shard.ts";
import { createRouter, defineRoute } from "./define.ts";
import { success } from "./success.ts";

const read = defineRoute({
  method: "get",
  path: "/api/v1/controller/attention",
  tag: "Statistics",
  summary: "What needs a person",
  permission: "organization.read",
  request: { query: attentionQuery },
  response: envelope(answer),
  errors: ["database_unavailable"],
});

/** The newest refusal of each id and kind: one entry is enough. */
async function readRefusals(env: Env, actor: Actor): Promise<RefusalReport[]> {
  const scope = organizationsOf(actor);
  const shards = await Promise.all(allShards(env).map((shard) => shard.refusals(scope)));
  const byId = Map.groupBy(shards.flat(), (report) => `${kindOf(report)} ${report.orchestratorId}`);
  return [...byId.values()].flatMap((reports) => reports.sort((a, b) => b.lastAt - a.lastAt).slice(0, 1));
}

function kindOf({ reason }: RefusalReport): RefusedId["kind"] {
  return reason === "duplicate_identity" ? reason : "refused";
}

/** A registered orchestrator that cannot connect is worse than an unknown one. */
function toRefusedId(report: RefusalReport): RefusedId {
  const { orchestratorId, organizationId, reason, since, count } = report;
  return {
    kind: kindOf(report),
    severity: ATTENTION_SEVERITIES.indexOf(organizationId === null || reason === "deregistered" ? "medium" : "high"),
    organization_id: organizationId,
    orchestrator_id: orchestratorId,
    since,
    count,
  };
}

function refusalOf(item: { kind: AttentionKind; orchestrator_id: string }, refusals: readonly RefusalReport[]) {
  const found = refusals.find((each) => each.orchestratorId === item.orchestrator_id && kindOf(each) === item.kind);
  if (!found) return null;
  return { reason: found.reason, address: found.address, last_at: new Date(found.lastAt).toISOString() };
}

export const attention = createRouter();

attention.openapi(read, async (c) => {
  const query = c.req.valid("query");
  const refusals = await readRefusals(c.env, c.get("actor"));
  const { items, counts, nextCursor } = await readAttention(c.env, c.get("actor"), refusals.map(toRefusedId), query);
  const perKind = Object.fromEntries(ATTENTION_KINDS.map((kind) => [kind, counts[kind] ?? 0]));
  const total = query.kind ? (counts[query.kind] ?? 0) : Object.values(perKind).reduce((sum, count) => sum + count, 0);
  const data: Attention = {
    items: items.map((item) => ({ ...item, since: isoMoment(item.since), refusal: refusalOf(item, refusals) })),
    total,
    ...toLimitView(query.limit),
    ...{ returned: items.length, truncated: items.length < total, next_cursor: nextCursor },
    counts: perKind as Attention["counts"],
  };
  return success(c, "Attention list retrieved successfully", { data });
});
