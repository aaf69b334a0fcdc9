import type { Millis } from "../contract/presence.ts";
import type { RegistrationOutcome } from "../db/registration.ts";
import { settingsOf } from "../platform/settings.ts";
import { withKnown, withKnownNames } from "./adopt.ts";
import { buryRecord } from "./commands.ts";
import { configure, tellNames } from "./config-handler.ts";
import type { Core } from "./core.ts";
import type { DeliveryOutcome, Intent } from "./intents.ts";
import { isPrivate } from "./state.ts";
import type { PendingIntent } from "./store.ts";
import { reportLateConflict } from "./usage-handler.ts";

/**
 * Decides what Postgres' answer means; returns the intent to try instead, or null when it is done. Any answer but
 * `applied` says that Postgres knows more than this object: its storage was lost, and it adopts what it hears.
 */
export function settle(core: Core, { id, intent }: PendingIntent, outcome: DeliveryOutcome): Intent | null {
  const { record, ownId } = core;
  announce(core, intent);
  if (outcome.totals) core.messageQuota.learn(outcome.totals, settingsOf(core.env).quotas, Date.now());
  if (intent.kind === "usage" && outcome.usage === "conflict") reportLateConflict(core, intent.report, Date.now());
  if ((intent.kind !== "register" && intent.kind !== "deregister") || !record) return null;
  const fromHandshake = intent.kind === "register" && intent.source === "handshake";
  switch (outcome.outcome) {
    case "applied": {
      const registered = fromHandshake
        ? `[C-OCS] DB: Registered ${ownId} in both tables`
        : `DB registration successful for ${ownId}`;
      const text = intent.kind === "register" ? registered : `Orchestrator ${ownId} deregistered from database`;
      core.reporter.log("INFO", text, Date.now());
      // After a deregistration there is no row left to be behind.
      if (intent.kind === "register") raise(core, outcome);
      if (intent.kind === "register") adoptNames(core, outcome, intent.acceptedAt);
      if (outcome.config) configure(core, outcome.config);
      return null;
    }
    case "conflict": {
      const organizationId = outcome.organization_id ?? record.organizationId;
      core.save({ ...record, organizationId });
      raise(core, outcome);
      if (fromHandshake) {
        const audit = intent.audit.map((entry) => ({ ...entry, organizationId }));
        return { ...intent, organizationId, generation: outcome.generation, audit };
      }
      core.conflicts.add(id);
      return null;
    }
    case "tombstoned": {
      if (fromHandshake) {
        core.save({ ...buryRecord(record, core.seq()), generation: outcome.generation });
        core.store.clear();
        core.dismissAll();
        return null;
      }
      return raised(core, intent, { ...outcome, generation: outcome.generation + 1 });
    }
    case "stale":
      return raised(core, intent, outcome);
  }
}

function raised(
  core: Core,
  intent: Extract<Intent, { kind: "register" | "deregister" }>,
  outcome: RegistrationOutcome,
): Intent {
  raise(core, outcome);
  return { ...intent, generation: Math.max(intent.generation, outcome.generation) };
}

function adoptNames(core: Core, outcome: RegistrationOutcome, since: Millis): void {
  if (!core.record) return;
  const next = withKnownNames(core.record, outcome, since);
  if (next === core.record) return;
  core.save(next);
  core.bumpSeq();
  tellNames(core);
  core.reporter.postpone("profile", Date.now());
}

function raise(core: Core, outcome: RegistrationOutcome): void {
  if (!core.record) return;
  const next = withKnown(core.record, outcome, core.seq());
  if (next.generation !== core.record.generation || next.epoch !== core.record.epoch) core.save(next);
}

/** Postgres has it now, so that a dashboard that hears of it will find it. In private, nothing is told. */
function announce({ record, reporter }: Core, intent: Intent): void {
  if (!record || isPrivate(record)) return;
  const { organizationId } = record;
  if (intent.kind === "message") {
    const { type, direction } = intent.message;
    reporter.announce({ type: "message", organizationId, detail: `${type} ${WORDS[direction]}` });
  }
  if (intent.kind === "decision") {
    reporter.announce({ type: "message_decided", organizationId, detail: "by the orchestrator" });
  }
}

const WORDS = { inbound: "received", outbound: "sent" } as const;
