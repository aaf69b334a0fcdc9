import type { Organization } from "../../lib/api.ts";

/** What the dialog edits, as texts; "" is no location. */
export interface EditFields {
  name: string;
  location: string;
}

export function fieldsOf({ name, location }: Pick<Organization, "name" | "location">): EditFields {
  return { name, location: location ?? "" };
}

/** Of a draft, what differs from what it was made from; null: nothing. */
export function changeOf(base: EditFields, draft: EditFields): { name?: string; location?: string | null } | null {
  const [name, location] = [draft.name.trim(), draft.location.trim()];
  const change = {
    ...(name !== base.name && { name }),
    ...(location !== base.location && { location: location || null }),
  };
  return Object.keys(change).length > 0 ? change : null;
}

/**
 * Somebody else has saved meanwhile. What only they changed is taken over; what both changed stays as it was typed, and
 * `theirs` holds what they made of it.
 */
export function rebase(base: EditFields, draft: EditFields, current: EditFields) {
  const theirs: Partial<EditFields> = {};
  const next = { ...draft };
  for (const field of ["name", "location"] as const) {
    if (current[field] === base[field] || current[field] === draft[field].trim()) continue;
    if (draft[field].trim() === base[field]) next[field] = current[field];
    else theirs[field] = current[field];
  }
  return { draft: next, theirs };
}
