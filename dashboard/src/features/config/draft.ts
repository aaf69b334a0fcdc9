import { type Accessor, createComputed, createMemo, createSignal, untrack } from "solid-js";
import { type ConfigDocument, isEqual, PARTS } from "./document.ts";

/** A configuration as it was published. */
export interface Published {
  revision: number;
  config: ConfigDocument;
}

export type Draft = ReturnType<typeof createDraft>;

/** Changes that were not published, by organization: a session that ends takes the page away, not the work. */
const kept = new Map<string, { owner: string | undefined; base: Published; draft: ConfigDocument }>();

/** Your changes on top of the revision that they began with. Without changes it follows what is published. */
export function createDraft(organizationId: string, published: Accessor<Published>, owner: string | undefined) {
  const found = kept.get(organizationId);
  // Another person at the same page begins afresh.
  const restored = found?.owner === owner ? found : undefined;
  kept.delete(organizationId);
  const [base, setBase] = createSignal(restored?.base ?? untrack(published));
  const [draft, setDraft] = createSignal(restored?.draft ?? untrack(base).config);
  const isDirty = createMemo(() => !isSameConfig(draft(), base().config));
  /** What somebody else has published since, which is to be looked at before anything is applied. */
  const overtaker = createMemo(() => (published().revision > base().revision ? published() : null));

  const reset = (to: Published) => {
    setBase(to);
    setDraft(to.config);
  };
  createComputed(() => {
    const newer = overtaker();
    if (newer && (!untrack(isDirty) || isSameConfig(untrack(draft), newer.config))) reset(newer);
  });

  return {
    base,
    draft,
    isDirty,
    overtaker,
    /** Whether the changes were there before the page was. */
    isRestored: restored !== undefined,
    change: (to: ConfigDocument) => setDraft(to),
    /** Back to what is published now. */
    discard: () => reset(overtaker() ?? base()),
    /** It is published. */
    reset,
    /** Your changes, joined with theirs. */
    rebase(onto: Published, merged: ConfigDocument) {
      setBase(onto);
      setDraft(merged);
    },
    keep() {
      if (isDirty()) kept.set(organizationId, { owner, base: base(), draft: draft() });
    },
  };
}

function isSameConfig(left: ConfigDocument, right: ConfigDocument): boolean {
  return PARTS.every((part) => isEqual(left[part], right[part]));
}
