import type { JsonObject } from "../contract/json.ts";
import { type Change, differenceOf } from "../platform/json-difference.ts";

/** Of an organization, what people may change. */
export interface EditableOrganization {
  name: string;
  location: string | null;
  nameSet: boolean;
  locationSet: boolean;
  metadata: JsonObject;
  setMetadata: JsonObject;
}

export interface OrganizationEdit {
  name?: string | undefined;
  location?: string | null | undefined;
  metadata?: JsonObject | undefined;
}

export interface PlannedChange {
  next: Omit<EditableOrganization, "metadata" | "setMetadata">;
  /** What is set under keys of the metadata, and the keys that go. */
  metadata: { set: JsonObject; removed: string[] };
  audited: Change;
}

/** What an edit makes of an organization; null: nothing. Absent fields stay, metadata are merged per top-level key. */
export function planChange(known: EditableOrganization, edit: OrganizationEdit): PlannedChange | null {
  const next = {
    name: edit.name ?? known.name,
    location: edit.location === undefined ? known.location : edit.location,
    nameSet: known.nameSet || edit.name !== undefined,
    locationSet: known.locationSet || edit.location !== undefined,
  };
  const entries = Object.entries(edit.metadata ?? {});
  const set = Object.fromEntries(entries.filter(([, value]) => value !== null));
  const removed = entries.flatMap(([key, value]) => (value === null ? [key] : []));
  const merged = (old: JsonObject): JsonObject => ({ ...without(old, removed), ...set });
  const audited = differenceOf(
    auditedState(known, known.setMetadata),
    auditedState({ ...next, metadata: merged(known.metadata) }, merged(known.setMetadata)),
  );
  return audited && { next, metadata: { set, removed }, audited: withoutOwned(audited) };
}

/** `set_metadata` tells a value that was only reported from the same one that somebody has set now. */
function auditedState(state: Omit<EditableOrganization, "setMetadata">, setMetadata: JsonObject): JsonObject {
  const { name, location, nameSet, locationSet, metadata } = state;
  return { name, location, name_set: nameSet, location_set: locationSet, metadata, set_metadata: setMetadata };
}

function withoutOwned({ before, after }: Change): Change {
  return { before: without(before, ["set_metadata"]), after: without(after, ["set_metadata"]) };
}

function without(object: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
