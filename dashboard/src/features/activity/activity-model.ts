import { type Accessor, createMemo, createSignal, untrack } from "solid-js";
import { useFleet } from "../../live/context.ts";
import { fromEvent, fromLog, mergeEntries } from "./entries.ts";
import { type ActivityEntry, type ActivityFilter, matches } from "./filter.ts";

/** What happens in the fleet while somebody looks. */
export function createActivity(filter: Accessor<ActivityFilter>) {
  const fleet = useFleet();
  const [beats, setBeats] = createSignal<readonly ActivityEntry[]>([]);
  const [held, setHeld] = createSignal<readonly ActivityEntry[] | null>(null);

  const all = createMemo(() => mergeEntries(fleet.events().map(fromEvent), beats()));
  const live = createMemo(() => all().filter((entry) => matches(entry, filter())));
  const shown = createMemo(() => held()?.filter((entry) => matches(entry, filter())) ?? live());

  return {
    shown,
    total: () => all().length,
    /** What has come since the list was held. */
    newCount: createMemo(() => {
      if (held() === null) return 0;
      const seen = new Set(held()?.map(({ id }) => id));
      return live().filter(({ id }) => !seen.has(id)).length;
    }),
    isHeld: () => held() !== null,
    /** Keeps the list still, so that nothing moves under the pointer. */
    hold: (isHeld: boolean) => setHeld(isHeld ? (untrack(held) ?? untrack(all)) : null),
    /** Reads the controller log for heartbeats, for the life of the owner. */
    followBeats: () =>
      fleet.onLogs((lines) => {
        const more = fromLog(lines, (id) => fleet.row(id)?.organization_id);
        if (more.length > 0) setBeats((known) => mergeEntries(known, more));
      }),
  };
}

export type Activity = ReturnType<typeof createActivity>;
