import type { Organization } from "../../lib/api.ts";

/** The fields of the dialog as texts; "" means no location. */
export interface EditFields {
  name: string;
  location: string;
}

export function fieldsOf({ name, location }: Pick<Organization, "name" | "location">): EditFields {
  return { name, location: location ?? "" };
}

/** The fields of the draft that differ from the original; null: none. */
export function changeOf(base: EditFields, draft: EditFields): { name?: string; location?: string | null } | null {
  const [name, location] = [draft.name.trim(), draft.location.trim()];
  const change = {
    ...(name !== base.name && { name }),
    ...(location !== base.location && { location: location || null }),
  };
  return Object.keys(change).length > 0 ? change : null;
}

/**
 * Merges a draft with a change that someone else saved. Fields that only they changed are adopted; fields that both
 * changed keep the draft's value, and `theirs` holds the other one.
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
