import type { CommandResult, RegisterInput, RegisterValue, RegistrationFields } from "../contract/orchestrator.ts";
import { unmasked } from "../platform/redact.ts";
import { giveCredential, readmitIntent, refuseJoin, validKeys } from "./credentials.ts";
import type { Draft } from "./draft.ts";
import { noteDropped } from "./heartbeat.ts";
import { registerIntent, registrationChange } from "./intents.ts";
import { tellConfigSoon } from "./lifecycle.ts";
import { dropMasks, masksIn, namesOf } from "./profile.ts";
import {
  isPrivate,
  newRecord,
  nextSeq,
  type OrchestratorRecord,
  type Owned,
  reborn,
  type SocketState,
} from "./state.ts";
import { ACCEPTED, type Answer, FULL, type InputOf, now, type Refusal } from "./turn.ts";

const FOREIGN: Refusal = {
  ok: false,
  code: "already_exists",
  message: "This orchestrator belongs to another organization.",
};

/**
 * A registration over REST. When Postgres does not answer whether it knows the id, the id is taken for a new one and left to
 * the alarm, because one wait of 5 s is enough; what Postgres has stored is adopted when it answers.
 */
export function register(draft: Draft, input: InputOf<"register">): Answer<CommandResult<RegisterValue>> {
  const known = draft.record;
  const member = draft.registered;
  if (member && input.organizationId && input.organizationId !== member.organizationId) return now(FOREIGN);
  const refusal = member && refuseJoin(draft, input.join);
  if (refusal) return now(refusal);
  if (member && draft.outbox.isFull) return now(FULL);
  const given = keptFields(known, input.fields);
  const mask = input.isOwn ? null : masksIn(given);
  if (mask) return now({ ok: false, code: "validation_failed", message: "The request is not valid", details: [mask] });
  const { fields, dropped } = dropMasks(given);
  const isReadmitted = mayReadmit(draft, input);
  const organizationId = input.organizationId ?? (isReadmitted ? (known?.organizationId ?? null) : null);
  const asked = { ...input, organizationId, fields };
  const sets = namesSetBy(member, asked);
  const { record, created } = registerRecord(known, draft.ownId, asked, draft.open, draft.now);
  draft.save(record);
  // Nothing of an earlier registration is left, except its tokens when they are to count again.
  if (created) draft.clear({ withCredentials: !isReadmitted });
  noteDropped(draft, "registration", [...(input.dropped ?? []), ...dropped]);
  const action = created ? "orchestrator.register" : "orchestrator.update";
  const audit = draft.audit(action, input.audit, registrationChange(created ? null : known, record, fields));
  draft.queue(registerIntent(record, { ...fields, ...namesOf(record.profile) }, draft.now, sets, audit));
  if (isReadmitted) draft.queue(readmitIntent(draft, input.audit));
  if (created) draft.log("INFO", `Orchestrator instance ${draft.ownId} created successfully`);
  if (fields.session_config) tellConfigSoon(draft);
  const transition = created ? "registered" : "profile";
  const { join, credential } = input;
  const rest = {
    ...(join && { join }),
    ...(credential && { credential }),
    ...{ audit: input.audit, dropped, created, isReadmitted },
    organizationId: record.organizationId,
    formerOrganizationId: known?.lifecycle === "deregistered" ? known.organizationId : null,
  };
  if (draft.reply?.to === "registration" && draft.reply.found === "unavailable") {
    draft.report(transition);
    return leftToAlarm(draft, rest);
  }
  // The row comes first, so that nobody who sees the report finds nothing in Postgres.
  draft.report(transition, "delivery");
  return { is: "asked", question: "delivery", next: { kind: "registered", ...rest } };
}

function leftToAlarm(draft: Draft, { created, isReadmitted }: { created: boolean; isReadmitted: boolean }) {
  if (created && !isReadmitted && draft.record) draft.save({ ...draft.record, owesCredential: true });
  return now(ACCEPTED);
}

/** Postgres has answered a registration, or not in time. */
export function registered(draft: Draft, input: InputOf<"registered">): Answer<CommandResult<RegisterValue>> {
  const { created, isReadmitted, formerOrganizationId, join, audit, dropped } = input;
  const { isStored, isConflict } =
    draft.reply?.to === "delivery" ? draft.reply : { isStored: false, isConflict: false };
  if (isConflict) return now(FOREIGN);
  if (!isStored) return leftToAlarm(draft, input);
  // Somebody has acted on the id that knocked; where it belonged before, that is over.
  if (formerOrganizationId !== null) draft.add({ kind: "forget_refusals", organizationId: formerOrganizationId });
  const isDue = (created && !isReadmitted) || join !== undefined || draft.record?.owesCredential === true;
  const credential = isDue ? input.credential : undefined;
  // Another machine may have joined meanwhile.
  const late = credential && !created ? refuseJoin(draft, join) : null;
  if (late) return now(late);
  const value = {
    organizationId: draft.record?.organizationId ?? input.organizationId,
    created,
    credentialIssued: credential !== undefined,
    dropped,
  };
  if (!credential) return now({ ok: true, value });
  giveCredential(draft, credential, audit);
  return { is: "delivery", stored: { ok: true, value }, accepted: { ok: true, value } };
}

/**
 * Whether the tokens of a deregistered orchestrator count again. In another organization they never do: the former one
 * handed them out, and their holders are no machines of the new one.
 */
function mayReadmit(draft: Draft, input: RegisterInput): boolean {
  const known = draft.record;
  if (!input.readmit || known?.lifecycle !== "deregistered") return false;
  const isElsewhere = input.organizationId !== null && input.organizationId !== known.organizationId;
  return !isElsewhere && validKeys(draft.credentials, draft.now).length > 0;
}

/**
 * What is kept of a registration. A mask that comes back leaves the secret behind it as it is; of an independent and private
 * orchestrator nothing is kept that it reports about itself.
 */
function keptFields(record: OrchestratorRecord | null, fields: RegistrationFields): RegistrationFields {
  if (!record) return fields;
  const { metadata, features, session_config, ...kept } = fields;
  const given = {
    ...kept,
    ...(session_config && { session_config: unmasked(session_config, record.sessionConfig) }),
  };
  if (isPrivate(record)) return given;
  return {
    ...given,
    ...(metadata && { metadata: unmasked(metadata, record.profile.metadata) }),
    ...(features && { features: unmasked(features, record.profile.features) }),
  };
}

/** The record after a registration. It never becomes active by that; absent fields keep their value. */
export function registerRecord(
  record: OrchestratorRecord | null,
  ownId: string,
  input: RegisterInput,
  open: SocketState | null,
  now: number,
): { record: OrchestratorRecord; created: boolean } {
  const organizationId = input.organizationId ?? ownId;
  const created = record === null || record.lifecycle === "deregistered";
  const base =
    record === null
      ? newRecord(ownId, organizationId, now)
      : record.lifecycle === "deregistered"
        ? reborn(record, organizationId, now)
        : record;
  const { metadata, features, session_config, monitoring_enabled } = input.fields;
  const { profile, owned } = withNames(base, input);
  return {
    created,
    record: {
      ...base,
      seq: nextSeq(base, created ? null : open),
      profile: {
        ...profile,
        metadata: metadata ?? profile.metadata,
        features: features ?? profile.features,
      },
      owned,
      registeredMetadata: metadata ?? base.registeredMetadata,
      // They were given by a person, not reported by the orchestrator.
      ...(features && { featuresAt: null, allFeaturesAt: null }),
      sessionConfig: session_config ?? base.sessionConfig,
      monitoringEnabled: monitoring_enabled ?? base.monitoringEnabled,
      // Until its organization publishes a configuration, it is sent the features of its registration.
      ...(created && features
        ? { config: { ...base.config, features }, toldConfig: { ...base.config, features } }
        : {}),
    },
  };
}

/** Which of name and location a registration sets. One by the orchestrator itself does not change what somebody has set. */
function namesSetBy(record: OrchestratorRecord | null, input: RegisterInput): Owned {
  const maySet = (field: keyof Owned) => input.fields[field] !== undefined && !(input.isOwn && record?.owned[field]);
  return { name: maySet("name"), location: maySet("location") };
}

function withNames(base: OrchestratorRecord, input: RegisterInput): Pick<OrchestratorRecord, "profile" | "owned"> {
  const { name = null, location = null } = input.fields;
  const sets = namesSetBy(base, input);
  return {
    profile: {
      ...base.profile,
      ...(sets.name && { name }),
      ...(sets.location && { location }),
      ...(input.isOwn && name !== null && { reportedName: name }),
      ...(input.isOwn && location !== null && { reportedLocation: location }),
    },
    owned: { name: base.owned.name || sets.name, location: base.owned.location || sets.location },
  };
}
