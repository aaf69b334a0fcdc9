import { displayName } from "../../../../common/text.ts";
import { ATTENTION_KINDS } from "../../../../worker/contract/values/lists.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { plural } from "../../lib/numbers.ts";
import { readPage } from "../../lib/page.ts";
import { orchestratorHref } from "../../lib/places.ts";
import { clockTime, momentOf } from "../../lib/time.ts";

export type Attention = components["schemas"]["Attention"];
export type AttentionItem = Attention["items"][number];
export type AttentionKind = AttentionItem["kind"];
/** With what tells the items apart, so that a row stays the same row while others come and go. */
export type ListedItem = AttentionItem & { id: string };
export type ListedAttention = Omit<Attention, "items"> & { items: ListedItem[] };

export interface AttentionView {
  /** null: all of them. */
  kind: AttentionKind | null;
  page: number;
}

/** Reads an address that anybody may have written. */
export function readAttentionView({ attention, page }: Record<string, unknown>): AttentionView {
  return {
    kind: ATTENTION_KINDS.find((kind) => kind === attention) ?? null,
    page: readPage(page),
  };
}

/** How much needs a person, whichever kind is looked at. */
export function totalOf({ counts }: Pick<Attention, "counts">): number {
  return ATTENTION_KINDS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
}

export function withIds(attention: Attention): ListedAttention {
  return {
    ...attention,
    items: attention.items.map((item) => ({ ...item, id: `${item.kind}:${item.orchestrator_id}` })),
  };
}

export const KIND_WORDS: Record<AttentionKind, string> = {
  duplicate_identity: "Duplicate id",
  refused: "Refused",
  lost: "Lost",
  config_failed: "Config failed",
  config_drifted: "Config drifted",
  config_unconfirmed: "Config unconfirmed",
  unhealthy: "Unhealthy",
  degraded: "Degraded",
  messages: "Messages",
  never_connected: "Never connected",
  long_lost: "Long lost",
};

/** Where something can be done about it, and what to call that. */
export function placeToAct(item: AttentionItem): { href: string; label: string } {
  // Of an id that nobody knows there is no page, only what was written down.
  if (item.organization_id === null) {
    return { href: `/audit?${new URLSearchParams({ q: item.orchestrator_id })}`, label: "See the audit" };
  }
  const organization = `/organizations/${encodeURIComponent(item.organization_id)}`;
  switch (item.kind) {
    case "refused":
      if (item.refusal?.reason === "wrong_token" || item.refusal?.reason === "wrong_id") {
        return { href: `${organization}/access`, label: "Create a token" };
      }
      return { href: orchestratorHref(item.organization_id, item.orchestrator_id), label: "Look at it" };
    case "duplicate_identity":
    case "lost":
    case "long_lost":
    case "never_connected":
    case "unhealthy":
    case "degraded":
      return { href: orchestratorHref(item.organization_id, item.orchestrator_id), label: "Look at it" };
    case "config_failed":
      return { href: `${organization}/config`, label: "Fix the config" };
    case "config_drifted":
    case "config_unconfirmed":
      return { href: `${organization}/config`, label: "Look at the config" };
    case "messages": {
      const query = new URLSearchParams({ organization: item.organization_id });
      if (item.message_id !== null) query.set("message", item.message_id);
      return { href: `/messages?${query}`, label: "Decide" };
    }
  }
}

/** It was deregistered: nothing of it is left to look at, and one call lets it in. */
export function canBeAdmitted({ kind, organization_id, refusal }: AttentionItem): boolean {
  return kind === "refused" && organization_id !== null && refusal?.reason === "deregistered";
}

const REFUSED: Record<NonNullable<AttentionItem["refusal"]>["reason"], string> = {
  duplicate_identity: "Another machine uses its id",
  deregistered: "Keeps connecting although it was deregistered",
  wrong_token: "Connects without a valid token",
  wrong_id: "Connects with the token or in the name of another orchestrator",
  bad_handshake: "Connects, and sends no handshake that can be read",
  rate_limited: "Connects too often",
};

/** From where, since when and how often. */
function describeAttempts({ refusal, since, count }: AttentionItem): string {
  const from = refusal?.address ? `from ${refusal.address} ` : "";
  const at = momentOf(since);
  const begin = at === null ? "" : `since ${clockTime(at)}, `;
  return ` — ${from}${begin}${plural(count, "time")}`;
}

/** What is wrong, in a sentence without its subject. */
export function describeItem(item: AttentionItem): string {
  switch (item.kind) {
    case "duplicate_identity":
      return `Two machines use this id at the same time${describeAttempts(item)}`;
    case "refused":
      return `${REFUSED[item.refusal?.reason ?? "wrong_token"]}${describeAttempts(item)}`;
    case "lost":
      return "Not heard from any more";
    case "long_lost":
      return "Not heard from for more than a day";
    case "never_connected":
      return "Registered, but never connected";
    case "config_failed":
      return displayName(item.detail) || "It could not apply its configuration";
    case "config_drifted":
      return displayName(item.detail) || "Says that it runs another configuration";
    case "config_unconfirmed":
      return "Has been applying its configuration, and has not confirmed it";
    case "unhealthy":
      return "Reports that it is unhealthy";
    case "degraded":
      return "Reports that it is degraded";
    case "messages":
      return displayName(item.detail) || "Waits for a decision";
  }
}
