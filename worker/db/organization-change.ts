import type { JsonObject } from "../contract/json.ts";
import { type Change, differenceOf } from "../platform/json-difference.ts";

/** The fields of an organization that people may change. */
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
  /** The keys of the metadata that are set, and those that are removed. */
  metadata: { set: JsonObject; removed: string[] };
  audited: Change;
}

/** The change that an edit makes; null: none. Absent fields stay, and metadata are merged per top-level key. */
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

/** `set_metadata` distinguishes a reported value from the same value set by a person. */
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
