import type { RegistrationOutcome } from "../db/registration.ts";
import { buryRecord } from "./commands.ts";
import { configure } from "./config-handler.ts";
import type { Core } from "./core.ts";
import type { Intent } from "./intents.ts";
import type { PendingIntent } from "./store.ts";

/**
 * Decides what Postgres' answer means; returns the intent to try instead, or null when it is done. Any answer but
 * `applied` says that Postgres knows more than this object: its storage was lost, and it adopts what it hears.
 */
export function settle(core: Core, { id, intent }: PendingIntent, outcome: RegistrationOutcome): Intent | null {
  const { record, ownId } = core;
  if ((intent.kind !== "register" && intent.kind !== "deregister") || !record) return null;
  const fromHandshake = intent.kind === "register" && intent.source === "handshake";
  switch (outcome.outcome) {
    case "applied": {
      const registered = fromHandshake
        ? `[C-OCS] DB: Registered ${ownId} in both tables`
        : `DB registration successful for ${ownId}`;
      const text = intent.kind === "register" ? registered : `Orchestrator ${ownId} deregistered from database`;
      core.reporter.log("INFO", text, Date.now());
      if (outcome.config) configure(core, outcome.config);
      return null;
    }
    case "conflict": {
      const organizationId = outcome.organization_id ?? record.organizationId;
      core.save({ ...record, organizationId, generation: outcome.generation });
      if (fromHandshake) return { ...intent, organizationId, generation: outcome.generation };
      core.conflicts.add(id);
      return null;
    }
    case "tombstoned": {
      if (fromHandshake) {
        core.save({ ...buryRecord(record, core.seq()), generation: outcome.generation });
        core.dismissAll();
        return null;
      }
      return adopt(core, intent, outcome.generation + 1);
    }
    case "stale":
      return adopt(core, intent, outcome.generation);
  }
}

function adopt(core: Core, intent: Extract<Intent, { kind: "register" | "deregister" }>, generation: number): Intent {
  if (core.record) core.save({ ...core.record, generation });
  return { ...intent, generation };
}
