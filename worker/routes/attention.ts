import { ATTENTION_KINDS, type Attention, attention as answer, attentionQuery } from "../contract/rest/attention.ts";
import { envelope, isoMoment, toLimitView } from "../contract/rest/common.ts";
import { readAttention } from "../db/attention.ts";
import { createRouter, defineRoute } from "./define.ts";

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

export const attention = createRouter();

attention.openapi(read, async (c) => {
  const query = c.req.valid("query");
  const { items, counts } = await readAttention(c.env, c.get("actor"), query);
  const perKind = Object.fromEntries(ATTENTION_KINDS.map((kind) => [kind, counts[kind] ?? 0]));
  const data: Attention = {
    items: items.map((item) => ({ ...item, since: isoMoment(item.since) })),
    total: query.kind ? (counts[query.kind] ?? 0) : Object.values(perKind).reduce((sum, count) => sum + count, 0),
    ...toLimitView(query.limit),
    counts: perKind as Attention["counts"],
  };
  return c.json({ success: true as const, message: "Attention list retrieved successfully", data }, 200);
});
