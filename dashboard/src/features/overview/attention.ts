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
/** An item with a unique ID, so that a row keeps its element while others come and go. */
export type ListedItem = AttentionItem & { id: string };
export type ListedAttention = Omit<Attention, "items"> & { items: ListedItem[] };

export interface AttentionView {
  /** null: all kinds. */
  kind: AttentionKind | null;
  page: number;
}

/** Reads the view from the address, which is untrusted. */
export function readAttentionView({ attention, page }: Record<string, unknown>): AttentionView {
  return {
    kind: ATTENTION_KINDS.find((kind) => kind === attention) ?? null,
    page: readPage(page),
  };
}

/** The number of items of all kinds. */
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
  duplicate_identity: "Duplicate ID",
  refused: "Connection refused",
  lost: "Disconnected",
  config_failed: "Configuration failed",
  config_drifted: "Configuration drifted",
  config_unconfirmed: "Configuration unconfirmed",
  unhealthy: "Unhealthy",
  degraded: "Degraded",
  messages: "Messages",
  never_connected: "Never connected",
  long_lost: "Disconnected over 24 h",
};

/** The link to the place to act, and its label. */
export function placeToAct(item: AttentionItem): { href: string; label: string } {
  // An unknown ID has no page, only audit entries.
  if (item.organization_id === null) {
    return { href: `/audit?${new URLSearchParams({ q: item.orchestrator_id })}`, label: "View audit log" };
  }
  const organization = `/organizations/${encodeURIComponent(item.organization_id)}`;
  switch (item.kind) {
    case "refused":
      if (item.refusal?.reason === "wrong_token" || item.refusal?.reason === "wrong_id") {
        return { href: `${organization}/access`, label: "Create token" };
      }
      return { href: orchestratorHref(item.organization_id, item.orchestrator_id), label: "View" };
    case "duplicate_identity":
    case "lost":
    case "long_lost":
    case "never_connected":
    case "unhealthy":
    case "degraded":
      return { href: orchestratorHref(item.organization_id, item.orchestrator_id), label: "View" };
    case "config_failed":
      return { href: `${organization}/config`, label: "Fix configuration" };
    case "config_drifted":
    case "config_unconfirmed":
      return { href: `${organization}/config`, label: "View configuration" };
    case "messages": {
      const query = new URLSearchParams({ organization: item.organization_id });
      if (item.message_id !== null) query.set("message", item.message_id);
      return { href: `/messages?${query}`, label: "Review" };
    }
  }
}

/** Whether the item is a deregistered orchestrator, which has no page but can be registered again. */
export function canBeAdmitted({ kind, organization_id, refusal }: AttentionItem): boolean {
  return kind === "refused" && organization_id !== null && refusal?.reason === "deregistered";
}

const REFUSED: Record<NonNullable<AttentionItem["refusal"]>["reason"], string> = {
  duplicate_identity: "Another machine uses its ID",
  deregistered: "Deregistered, but keeps connecting",
  wrong_token: "Connects without a valid token",
  wrong_id: "Connects with the token or ID of another orchestrator",
  bad_handshake: "Connects without a valid handshake",
  rate_limited: "Connects too often",
};

/** The source, start and number of the attempts. */
function describeAttempts({ refusal, since, count }: AttentionItem): string {
  const from = refusal?.address ? `from ${refusal.address} ` : "";
  const at = momentOf(since);
  const start = at === null ? "" : `since ${clockTime(at)}, `;
  return ` – ${from}${start}${plural(count, "time")}`;
}

/** Describes the problem in a phrase. */
export function describeItem(item: AttentionItem): string {
  switch (item.kind) {
    case "duplicate_identity":
      return `Two machines use this ID at the same time${describeAttempts(item)}`;
    case "refused":
      return `${REFUSED[item.refusal?.reason ?? "wrong_token"]}${describeAttempts(item)}`;
    case "lost":
      return "No heartbeat";
    case "long_lost":
      return "No heartbeat for more than a day";
    case "never_connected":
      return "Registered, but has never connected";
    case "config_failed":
      return displayName(item.detail) || "Could not apply the configuration";
    case "config_drifted":
      return displayName(item.detail) || "Reports a different configuration";
    case "config_unconfirmed":
      return "Has not confirmed the configuration";
    case "unhealthy":
      return "Reports unhealthy";
    case "degraded":
      return "Reports degraded";
    case "messages":
      return displayName(item.detail) || "Pending message";
  }
}
