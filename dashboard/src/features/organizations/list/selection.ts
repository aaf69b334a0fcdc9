import { createMemo } from "solid-js";
import { createStore, reconcile, unwrap } from "solid-js/store";

/** The part of an organization that bulk actions need, also if it is out of view. */
export interface Selected {
  organizationId: string;
  orchestrators: number;
}

/** The selected organizations. The selection survives filters, sorting and bulk actions. */
export function createSelection() {
  const [entries, setEntries] = createStore<Record<string, Selected | undefined>>({});
  const list = createMemo(() => Object.values(entries).filter((entry) => entry !== undefined));
  const add = (added: readonly Selected[]) => {
    const next = { ...unwrap(entries) };
    for (const entry of added) next[entry.organizationId] = entry;
    setEntries(reconcile(next));
  };
  return {
    has: (id: string) => entries[id] !== undefined,
    list,
    size: () => list().length,
    orchestrators: () => list().reduce((sum, entry) => sum + entry.orchestrators, 0),
    add,
    toggle(entry: Selected) {
      if (entries[entry.organizationId]) setEntries(entry.organizationId, undefined);
      else add([entry]);
    },
    remove(ids: readonly string[]) {
      const next = { ...unwrap(entries) };
      for (const id of ids) delete next[id];
      setEntries(reconcile(next));
    },
    clear: () => setEntries(reconcile({})),
  };
}

export type Selection = ReturnType<typeof createSelection>;
