import type { Message } from "../contract/messages.ts";
import type { MessageDecision, Names, RegistrationFields } from "../contract/orchestrator.ts";
import type { Millis, PresenceView } from "../contract/presence.ts";
import { type AgentTokenEntry, storeAgentTokens } from "../db/agent-tokens.ts";
import { type AuditEntry, storeAudit } from "../db/audit-write.ts";
import { type Database, DatabaseUnavailable } from "../db/client.ts";
import { decideMessage, type MessageTotals, markDelivered, storeMessages } from "../db/messages-write.ts";
import { applyPresence } from "../db/presence.ts";
import { type RegistrationOutcome, storeDeregistration, storeRegistration } from "../db/registration.ts";
import { storeUsage, type UsageOutcome, type UsageReport } from "../db/usage.ts";
import type { Owned } from "./profile.ts";
import type { PendingIntent } from "./store.ts";

/** A change that this object has accepted and Postgres has to hear of, with its audit row. */
export type Intent =
  | {
      kind: "register";
      source: "rest" | "handshake";
      organizationId: string;
      generation: number;
      fields: RegistrationFields;
      /** Absent in intents that older code has queued. */
      owned?: Owned;
      sets?: Owned;
      acceptedAt: Millis;
      isIndependent: boolean;
      privacyMode: boolean;
      audit: AuditEntry[];
    }
  | { kind: "deregister"; organizationId: string; generation: number; audit: AuditEntry[] }
  | { kind: "presence"; view: PresenceView; audit: AuditEntry[] }
  | { kind: "message"; message: Message & { deliveredAt: Millis | null }; audit: AuditEntry[] }
  | { kind: "delivered"; messageIds: string[]; at: Millis }
  | { kind: "decision"; decision: MessageDecision; actor: string; audit: AuditEntry[] }
  | { kind: "usage"; report: UsageReport }
  | { kind: "credential"; tokens: AgentTokenEntry[]; audit: AuditEntry[] }
  | { kind: "audit"; audit: AuditEntry[] };

/** The registration, without setting those of these names that are set anew: somebody has done so after it. */
export function withoutNames(intent: Extract<Intent, { kind: "register" }>, names: Names): Intent {
  const { source, fields } = intent;
  const sets = intent.sets ?? {
    name: source === "rest" && fields.name !== undefined,
    location: source === "rest" && fields.location !== undefined,
  };
  return {
    ...intent,
    sets: {
      name: sets.name && names.name === undefined,
      location: sets.location && names.location === undefined,
    },
  };
}

const FIRST_RETRY_MS = 1_000;
/** Presence is right within 30 s of the database's return, a last attempt of 5 s included. */
const LONGEST_RETRY_MS = 15_000;

/** How long to wait after `attempts` failures: doubling from 1 s to 15 s. */
export function retryDelayMs(attempts: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10));
}

/** What Postgres answers; `usage` only to a usage report, `totals` only to messages. */
export type DeliveryOutcome = RegistrationOutcome & { usage?: UsageOutcome; totals?: MessageTotals };

const APPLIED: DeliveryOutcome = { outcome: "applied", generation: 0 };

/**
 * Delivers one intent in one statement, a message with its {@link companionsOf companions}. Idempotent: a repeated
 * delivery changes nothing. Throws when Postgres does not take it.
 */
export async function deliver(
  db: Database,
  orchestratorId: string,
  intent: Intent,
  companions: Intent[],
): Promise<DeliveryOutcome> {
  switch (intent.kind) {
    case "register": {
      const { audit, kind: _, ...row } = intent;
      return await storeRegistration(db, { orchestratorId, ...row }, audit);
    }
    case "deregister":
      return await storeDeregistration(db, { orchestratorId, ...intent }, intent.audit);
    case "presence":
      await applyPresence(db, [intent.view], intent.audit);
      return APPLIED;
    case "message": {
      const messages = [intent, ...companions].filter((each) => each.kind === "message");
      return { ...APPLIED, totals: await storeMessages(db, orchestratorId, messages) };
    }
    case "delivered":
      await markDelivered(db, intent.messageIds, intent.at);
      return APPLIED;
    case "decision": {
      const { messageId: id, status } = intent.decision;
      await decideMessage(db, { id, status, actor: intent.actor, organizations: null, orchestratorId }, intent.audit);
      return APPLIED;
    }
    case "usage":
      return { ...APPLIED, usage: await storeUsage(db, orchestratorId, intent.report) };
    case "credential":
      await storeAgentTokens(db, orchestratorId, intent.tokens, intent.audit);
      return APPLIED;
    case "audit":
      await storeAudit(db, intent.audit);
      return APPLIED;
  }
}

/** Of what is queued behind `first`, the messages that go to Postgres in the same statement. */
export function companionsOf(first: PendingIntent, rest: PendingIntent[]): PendingIntent[] {
  if (!isFreshMessage(first)) return [];
  const end = rest.findIndex((pending) => !isFreshMessage(pending));
  return end === -1 ? rest : rest.slice(0, end);
}

/** What failed before is tried alone, so that it cannot hold others up again. */
function isFreshMessage({ intent, attempts }: PendingIntent): boolean {
  return intent.kind === "message" && attempts === 0;
}

/** Nothing behind it in the queue depends on it: when Postgres refuses it for what it is, the others pass it. */
export function mayBePassed({ kind }: Intent): boolean {
  return kind === "message" || kind === "usage";
}

export function isOutage(error: unknown): boolean {
  return error instanceof DatabaseUnavailable;
}

export function nextAttemptAt(now: Millis, attempts: number): Millis {
  return now + retryDelayMs(attempts);
}
