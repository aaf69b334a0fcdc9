import { z } from "zod";
import { orchestratorId, organizationId } from "../ids.ts";
import { REFUSAL_KEPT_MS } from "../refusals.ts";
import { REFUSAL_REASONS } from "../values/codes.ts";
import { MAX_PAGE_SIZE } from "../values/limits.ts";
import { ATTENTION_KINDS, ATTENTION_SEVERITIES } from "../values/lists.ts";
import {
  cappedLimit,
  cursorQuery,
  extentView,
  limitView,
  maybeMoment,
  moment,
  nextCursor,
  wholeNumber,
} from "./common.ts";

/** An orchestrator that was last seen longer ago is still lost, but no news. */
export const LOST_HOURS = 24;
/** An orchestrator that has been applying a configuration for longer has probably stopped. */
export const APPLYING_MINUTES = 5;
/** A newly registered orchestrator is still being installed. */
export const NEVER_CONNECTED_MINUTES = 10;

const kind = z.enum(ATTENTION_KINDS);

export const attentionQuery = z.object({
  kind: kind.optional().meta({ description: "Only these" }),
  page: wholeNumber(1, 1_000_000, 1, "Page number, from 1"),
  ...cursorQuery,
  limit: cappedLimit(MAX_PAGE_SIZE, 20, "Entries to return, of each page"),
});

const attentionItem = z.object({
  kind,
  severity: z.enum(ATTENTION_SEVERITIES),
  organization_id: organizationId.nullable().meta({ description: "null: the refused id is unknown" }),
  organization_name: z.string().nullable(),
  orchestrator_id: orchestratorId,
  name: z.string().meta({ description: "The name of the orchestrator, or its id" }),
  since: maybeMoment.meta({ description: "null: not known" }),
  detail: z.string().nullable().meta({ description: "The error of the configuration, or the start of the message" }),
  message_id: z.string().nullable().meta({ description: "For `messages`: the oldest of the most severe" }),
  count: z.int().meta({
    description:
      "For `messages` the number of pending ones; for `refused` and `duplicate_identity` the number of attempts; else 1",
  }),
  refusal: z
    .object({
      reason: z.enum(REFUSAL_REASONS),
      address: z.string().nullable().meta({ description: "The source of the last attempt; null: unknown" }),
      last_at: moment.meta({ description: "The last attempt" }),
    })
    .nullable()
    .meta({ description: "Of `refused` and `duplicate_identity`; else null" }),
});

export const attention = z
  .object({
    items: z.array(attentionItem).meta({
      description:
        "Outages, then messages, then orchestrators that are long lost or never connected; within each the most severe first",
    }),
    total: z.int().meta({ description: "Entries on all pages" }),
    ...limitView,
    ...extentView,
    next_cursor: nextCursor,
    counts: z
      .record(kind, z.int())
      .meta({ description: "The number of entries of each kind, regardless of the filter" }),
  })
  .meta({
    id: "Attention",
    description: `What needs a person. duplicate_identity: two live machines use its id. refused: connections under this id are refused, within the last ${REFUSAL_KEPT_MS / 60_000} minutes. lost: inactive, and seen within ${LOST_HOURS} h. long_lost: inactive, and seen longer ago; it stays until it is back or deregistered. never_connected: registered more than ${NEVER_CONNECTED_MINUTES} minutes ago (\`since\`) and never heard of. config_failed: it refused its configuration. config_drifted: it says that it runs another revision. config_unconfirmed: it has been applying its configuration for more than ${APPLYING_MINUTES} minutes. unhealthy, degraded: it says so of itself, and is active. messages: pending ones of one orchestrator, as severe as the \`severity\` in the metadata of the worst. Who is independent is muted, but for config_failed, refused and duplicate_identity`,
  });

export type AttentionQuery = z.infer<typeof attentionQuery>;
export type Attention = z.infer<typeof attention>;
export type AttentionKind = z.infer<typeof kind>;
