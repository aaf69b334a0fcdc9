import { type Accessor, createMemo, createSignal, untrack } from "solid-js";
import { useFleet } from "../../live/context.ts";
import { CAPACITY, fromLog, mergeEntries } from "./entries.ts";
import { type ActivityEntry, type ActivityFilter, matches } from "./filter.ts";
import { useRecent } from "./recent.ts";

/** The recent and live events of the fleet. */
export function createActivity(filter: Accessor<ActivityFilter>) {
  const fleet = useFleet();
  const [beats, setBeats] = createSignal<readonly ActivityEntry[]>([]);
  const [held, setHeld] = createSignal<readonly ActivityEntry[] | null>(null);

  const recent = useRecent(CAPACITY);
  const all = createMemo(() => mergeEntries(recent.entries(), beats()));
  const live = createMemo(() => all().filter((entry) => matches(entry, filter())));
  const shown = createMemo(() => held()?.filter((entry) => matches(entry, filter())) ?? live());

  return {
    shown,
    /** The events that the controller still has. */
    query: recent.query,
    total: () => all().length,
    /** The events since the list was held. */
    newCount: createMemo(() => {
      if (held() === null) return 0;
      const seen = new Set(held()?.map(({ id }) => id));
      return live().filter(({ id }) => !seen.has(id)).length;
    }),
    isHeld: () => held() !== null,
    /** Freezes the list, so that nothing moves under the pointer. */
    hold: (isHeld: boolean) => setHeld(isHeld ? (untrack(held) ?? untrack(all)) : null),
    /** Reads heartbeats from the controller log, for the life of the owner. */
    followBeats: () =>
      fleet.onLogs((lines) => {
        const more = fromLog(lines, (id) => fleet.row(id)?.organization_id);
        if (more.length > 0) setBeats((known) => mergeEntries(known, more));
      }),
  };
}

export type Activity = ReturnType<typeof createActivity>;
