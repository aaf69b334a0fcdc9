import type { components } from "../../lib/api-schema.d.ts";
import { readPage } from "../../lib/page.ts";
import { orchestratorHref } from "../../lib/places.ts";

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
    kind: KINDS.find((kind) => kind === attention) ?? null,
    page: readPage(page),
  };
}

/** How much needs a person, whichever kind is looked at. */
export function totalOf({ counts }: Pick<Attention, "counts">): number {
  return KINDS.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
}

export function withIds(attention: Attention): ListedAttention {
  return {
    ...attention,
    items: attention.items.map((item) => ({ ...item, id: `${item.kind}:${item.orchestrator_id}` })),
  };
}

/** In the order of the API. */
export const KINDS: readonly AttentionKind[] = [
  "lost",
  "config_failed",
  "unhealthy",
  "degraded",
  "messages",
  "never_connected",
  "long_lost",
];

export const KIND_WORDS: Record<AttentionKind, string> = {
  lost: "Lost",
  config_failed: "Config failed",
  unhealthy: "Unhealthy",
  degraded: "Degraded",
  messages: "Messages",
  never_connected: "Never connected",
  long_lost: "Long lost",
};

/** Where something can be done about it, and what to call that. */
export function placeToAct(item: AttentionItem): { href: string; label: string } {
  const organization = `/organizations/${encodeURIComponent(item.organization_id)}`;
  switch (item.kind) {
    case "lost":
    case "long_lost":
    case "never_connected":
    case "unhealthy":
    case "degraded":
      return { href: orchestratorHref(item.organization_id, item.orchestrator_id), label: "Look at it" };
    case "config_failed":
      return { href: `${organization}/config`, label: "Mend the config" };
    case "messages": {
      const query = new URLSearchParams({ organization: item.organization_id });
      if (item.message_id !== null) query.set("message", item.message_id);
      return { href: `/messages?${query}`, label: "Decide" };
    }
  }
}

/** What is wrong, in a sentence without its subject. */
export function describeItem(item: AttentionItem): string {
  switch (item.kind) {
    case "lost":
      return "Not heard from any more";
    case "long_lost":
      return "Not heard from for more than a day";
    case "never_connected":
      return "Registered, but never connected";
    case "config_failed":
      return item.detail ?? "It could not apply its configuration";
    case "unhealthy":
      return "Reports that it is unhealthy";
    case "degraded":
      return "Reports that it is degraded";
    case "messages":
      return item.detail ?? "Waits for a decision";
  }
}
