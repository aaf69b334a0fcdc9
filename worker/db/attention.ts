import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type Actor, organizationsOf } from "../contract/actor.ts";
import type { Millis } from "../contract/presence.ts";
import {
  APPLYING_MINUTES,
  type AttentionKind,
  type AttentionQuery,
  LOST_HOURS,
  NEVER_CONNECTED_MINUTES,
} from "../contract/rest/attention.ts";
import { ATTENTION_KINDS, ATTENTION_SEVERITIES, STANDING_KINDS, WAITING_KINDS } from "../contract/values/lists.ts";
import { redact } from "../platform/redact.ts";
import { withDatabase } from "./client.ts";
import { Keyset } from "./keyset.ts";

/** The length of a message text, which is cut after its secrets are masked: half a secret is not recognized. */
const DETAIL_LENGTH = 200;
const DETAIL_SOURCE_LENGTH = 10 * DETAIL_LENGTH;

const answer = z
  .array(
    z.object({
      items: z.array(
        z.object({
          kind: z.enum(ATTENTION_KINDS),
          severity: z.int(),
          organization_id: z.string().nullable(),
          organization_name: z.string().nullable(),
          orchestrator_id: z.string(),
          name: z.string(),
          since: z.coerce.date().nullable(),
          detail: z.string().nullable(),
          message_id: z.string().nullable(),
          count: z.int(),
        }),
      ),
      counts: z.partialRecord(z.enum(ATTENTION_KINDS), z.int()),
    }),
  )
  .length(1);

type Found = z.infer<typeof answer>[number]["items"][number];

/** Outages first, then waiting items, then standing conditions. */
function urgencyOf(kind: AttentionKind): number {
  return 1 + [WAITING_KINDS, STANDING_KINDS].findIndex((kinds) => kinds.some((each) => each === kind));
}

/** A number for each kind, in the database. */
function byKind(placeOf: (kind: AttentionKind) => number): SQL {
  return sql.raw(`(CASE kind ${ATTENTION_KINDS.map((kind) => `WHEN '${kind}' THEN ${placeOf(kind)}`).join(" ")} END)`);
}

function placeOf(kind: AttentionKind): number {
  return ATTENTION_KINDS.indexOf(kind);
}

/** The order of the list: of messages the oldest comes first, of all others the newest. */
const order = new Keyset<Found>("attention", [
  { column: byKind(urgencyOf), type: "integer", of: ({ kind }) => urgencyOf(kind) },
  { column: sql`severity`, type: "integer", descending: true, of: (row) => row.severity },
  { column: byKind(placeOf), type: "integer", of: ({ kind }) => placeOf(kind) },
  {
    column: sql`(CASE WHEN kind = 'messages' THEN since END)`,
    type: "timestamptz",
    nullable: true,
    of: ({ kind, since }) => (kind === "messages" ? since : null),
  },
  { column: sql`since`, type: "timestamptz", descending: true, nullable: true, of: ({ since }) => since },
  { column: sql`orchestrator_id`, type: "text", of: (row) => row.orchestrator_id },
]);

/** An id whose connections are refused, as reported by the shards. It may be in no table. */
export interface RefusedId {
  kind: "refused" | "duplicate_identity";
  severity: number;
  organization_id: string | null;
  orchestrator_id: string;
  since: Millis;
  count: number;
}

/** What needs a person, in the order of urgency, with a count for each kind, in one statement. */
export async function readAttention(env: Env, actor: Actor, refused: readonly RefusedId[], query: AttentionQuery) {
  const { kind } = query;
  const walk = { ...query, page_size: query.limit.value };
  const { after, limit, offset } = order.window(walk);
  const statement = sql`
    WITH visible AS NOT MATERIALIZED (
      SELECT i.*, o.name AS parent_name FROM orchestrator_instances i
      JOIN organizations o ON o.organization_id = i.organization_id WHERE ${within(actor)}),
    pending AS (
      SELECT DISTINCT ON (m.orchestrator_id) m.orchestrator_id, m.id, m.content, m.severity,
             min(m.created_at) OVER own AS since, (count(*) OVER own)::int AS count
      FROM (SELECT *, CASE lower(message_metadata ->> 'severity') WHEN 'critical' THEN 3 WHEN 'high' THEN 2 WHEN 'medium' THEN 1 ELSE 0 END AS severity
            FROM orchestrator_messages WHERE status = 'pending') m
      WINDOW own AS (PARTITION BY m.orchestrator_id)
      ORDER BY m.orchestrator_id, m.severity DESC, m.created_at, m.id),
    found (kind, severity, organization_id, organization_name, orchestrator_id, name, since, detail, message_id, count) AS (
      SELECT CASE WHEN last_seen >= now() - make_interval(hours => ${LOST_HOURS}::int) THEN 'lost' ELSE 'long_lost' END,
             CASE WHEN last_seen >= now() - make_interval(hours => ${LOST_HOURS}::int) THEN 2 ELSE 0 END,
             organization_id, parent_name, orchestrator_id, coalesce(name, orchestrator_id), last_seen, NULL::text, NULL::text, 1
      FROM visible WHERE status = 'inactive' AND NOT is_independent AND last_seen IS NOT NULL
      UNION ALL
      SELECT 'never_connected', 0, organization_id, parent_name, orchestrator_id, coalesce(name, orchestrator_id), created_at, NULL, NULL, 1
      FROM visible WHERE status = 'inactive' AND NOT is_independent AND last_seen IS NULL
        AND created_at < now() - make_interval(mins => ${NEVER_CONNECTED_MINUTES}::int)
      UNION ALL
      SELECT 'config_failed', 2, v.organization_id, parent_name, orchestrator_id, coalesce(name, orchestrator_id), r.created_at, config_error, NULL, 1
      FROM visible v LEFT JOIN config_revisions r ON r.organization_id = v.organization_id AND r.revision = v.config_revision
      WHERE config_state = 'failed'
      UNION ALL
      SELECT 'config_drifted', 1, organization_id, parent_name, orchestrator_id, coalesce(name, orchestrator_id), config_since,
             'Says that it runs revision ' || config_running_revision || ', not ' || config_revision, NULL, 1
      FROM visible WHERE config_state = 'drifted' AND NOT is_independent
      UNION ALL
      SELECT 'config_unconfirmed', 1, organization_id, parent_name, orchestrator_id, coalesce(name, orchestrator_id), config_since,
             NULL, NULL, 1
      FROM visible WHERE config_state = 'applying' AND NOT is_independent
        AND config_since < now() - make_interval(mins => ${APPLYING_MINUTES}::int)
      UNION ALL
      SELECT health_status, CASE health_status WHEN 'unhealthy' THEN 2 ELSE 1 END, organization_id, parent_name, orchestrator_id,
             coalesce(name, orchestrator_id), NULL, NULL, NULL, 1
      FROM visible WHERE status = 'active' AND health_status IN ('unhealthy', 'degraded')
      UNION ALL
      SELECT 'messages', p.severity, organization_id, parent_name, v.orchestrator_id, coalesce(name, v.orchestrator_id),
             p.since, left(p.content, ${DETAIL_SOURCE_LENGTH}::int), p.id, p.count
      FROM pending p JOIN visible v ON v.orchestrator_id = p.orchestrator_id WHERE NOT v.is_independent
      UNION ALL
      SELECT r.kind, r.severity, r.organization_id, coalesce(o.name, r.organization_id), r.orchestrator_id,
             coalesce(i.name, r.orchestrator_id), to_timestamp(r.since / 1000.0), NULL, NULL, r.count
      FROM jsonb_to_recordset(${JSON.stringify(refused)}::jsonb) AS r(
        kind text, severity int, organization_id text, orchestrator_id text, since bigint, count int)
      LEFT JOIN organizations o ON o.organization_id = r.organization_id
      LEFT JOIN orchestrator_instances i ON i.orchestrator_id = r.orchestrator_id AND i.organization_id = r.organization_id)
    SELECT coalesce((SELECT jsonb_agg(to_jsonb(first)) FROM (
             SELECT * FROM found WHERE ${kind === undefined ? sql`true` : sql`kind = ${kind}`}
               AND ${after ?? sql`true`}
             ORDER BY ${sql.join(order.orderBy, sql`, `)}
             LIMIT ${limit}::int OFFSET ${offset}::int) first), '[]'::jsonb) AS items,
           coalesce((SELECT jsonb_object_agg(kind, count) FROM (SELECT kind, count(*) FROM found GROUP BY kind) each), '{}'::jsonb) AS counts`;
  const result = await withDatabase(env, (db) => db.execute(statement));
  const [row] = answer.parse(result.rows);
  const { rows: given, nextCursor } = order.take(row?.items ?? [], walk);
  const items = given.map((item) => ({
    ...item,
    severity: ATTENTION_SEVERITIES[item.severity] ?? "low",
    detail: shownDetail(item.kind, item.detail),
  }));
  return { items, nextCursor, counts: row?.counts ?? {} };
}

function shownDetail(kind: AttentionKind, detail: string | null): string | null {
  if (kind !== "messages" || detail === null) return detail;
  return [...redact(detail)].slice(0, DETAIL_LENGTH).join("");
}

function within(actor: Actor): SQL {
  const ids = organizationsOf(actor);
  if (ids === null) return sql`true`;
  return sql`i.organization_id IN (SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;
}
