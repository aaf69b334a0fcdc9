import { type Accessor, createComputed, createMemo, createSignal, untrack } from "solid-js";
import { CONFIG_PARTS } from "../../../../worker/contract/values/config.ts";
import { type ConfigDocument, isEqual } from "./document.ts";

/** A published configuration. */
export interface Published {
  revision: number;
  config: ConfigDocument;
}

export type Draft = ReturnType<typeof createDraft>;

/** Unpublished changes by organization. They survive the end of a session, which closes the page. */
const kept = new Map<string, { owner: string | undefined; base: Published; draft: ConfigDocument }>();

/** The user's changes on top of a base revision. Without changes it follows the published one. */
export function createDraft(organizationId: string, published: Accessor<Published>, owner: string | undefined) {
  const found = kept.get(organizationId);
  // Another user on the same page starts without a draft.
  const restored = found?.owner === owner ? found : undefined;
  kept.delete(organizationId);
  const [base, setBase] = createSignal(restored?.base ?? untrack(published));
  const [draft, setDraft] = createSignal(restored?.draft ?? untrack(base).config);
  const isDirty = createMemo(() => !isSameConfig(draft(), base().config));
  /** A newer revision by someone else, which must be reviewed before publishing. */
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
    /** Whether the changes were restored from an earlier page. */
    isRestored: restored !== undefined,
    change: (to: ConfigDocument) => setDraft(to),
    /** Resets to the published configuration. */
    discard: () => reset(overtaker() ?? base()),
    /** Call after the draft was published. */
    reset,
    /** Replaces the draft by a merge with a newer revision. */
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
  return CONFIG_PARTS.every((part) => isEqual(left[part], right[part]));
}
