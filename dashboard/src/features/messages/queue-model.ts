import { type Accessor, createEffect, createMemo, createSignal, on, untrack } from "solid-js";
import type { FeedEvent } from "../../../../worker/contract/stream.ts";
import { MESSAGE_STATUSES } from "../../../../worker/contract/values/messages.ts";
import { plural } from "../../lib/numbers.ts";
import { useFleet } from "../../live/context.ts";
import { useList } from "../../live/query.ts";
import { announce } from "../../ui/announce.ts";
import { overlay } from "../orchestrator/overlay.ts";
import { fetchMessages, findMessages, type Message } from "./api.ts";
import type { Choice } from "./decisions.ts";
import { type MessageFilter, type MessageStatus, writeFilter } from "./filter.ts";
import { decisions } from "./my-decisions.ts";
import { compareView } from "./view.ts";

/** The state of a message in the queue. */
export type Place =
  | { kind: "open" }
  | { kind: "mine"; choice: Choice }
  | { kind: "decided"; message: Message }
  | { kind: "independent" }
  | { kind: "gone" };

export interface QueueSource {
  filter: Accessor<MessageFilter>;
  status: Accessor<MessageStatus>;
  limit: Accessor<number>;
}

const CHANGING = new Set<FeedEvent["type"]>(["message", "message_decided", "independence", "deregistered"]);

/** The messages of one tab, which keep their positions while the controller's list changes. */
export function createQueueModel({ filter, status, limit }: QueueSource) {
  const fleet = useFleet();
  const tab = createMemo(() => JSON.stringify([status(), writeFilter(filter())]));

  const list = useList(
    () => ["messages", tab(), limit()],
    async (signal) => {
      const asked = { filter: filter(), status: status(), tab: tab() };
      const others = MESSAGE_STATUSES.filter((other) => other !== asked.status);
      const [page, ...totals] = await Promise.all([
        fetchMessages(asked.filter, asked.status, limit(), signal),
        ...others.map(async (other) => (await fetchMessages(asked.filter, other, 1, signal)).total),
      ]);
      const counts = { pending: 0, accepted: 0, dismissed: 0, [asked.status]: page.total };
      for (const [index, other] of others.entries()) counts[other] = totals[index] ?? 0;
      return { ...page, counts, tab: asked.tab };
    },
    { refreshOn: (event) => CHANGING.has(event.type) },
  );

  const [shown, setShown] = createSignal<{ tab: string; items: readonly Message[] }>({ tab: "", items: [] });
  const [fates, setFates] = createSignal<ReadonlyMap<string, Message | null>>(new Map());

  const choiceOf = (id: string) => decisions.state().choices.get(id);
  const answered = createMemo<readonly Message[]>(() => [...(list.data?.messages ?? [])]);
  /** Leaves out messages decided here: a response may be older than the decision. */
  const listed = createMemo(() =>
    answered().filter(({ id, status }) => status !== "pending" || choiceOf(id)?.phase !== "sent"),
  );
  const isCurrent = () => list.data?.tab === tab();
  const view = createMemo(() => {
    const items = shown().tab === tab() ? shown().items : [];
    if (!isCurrent()) return { items, fresh: [], missing: [] };
    return compareView(items, listed(), answered().length >= (list.data?.total ?? 0));
  });
  // Messages added at the end keep their positions from now on.
  createEffect(() => {
    const { items } = view();
    const old = untrack(shown);
    if (old.tab !== tab() || old.items.length !== items.length) setShown({ tab: tab(), items });
  });

  const isHidden = (message: Message) =>
    !filter().includeIndependent &&
    overlay({ is_independent: message.is_independent }, fleet.row(message.orchestrator_id)).is_independent;

  const placeOf = (message: Message): Place => {
    if (isHidden(message)) return { kind: "independent" };
    const fate = fates().get(message.id);
    const choice = choiceOf(message.id);
    if (fate === null) return { kind: "gone" };
    if (message.status !== "pending") return { kind: "decided", message };
    if (choice?.phase === "sent" || choice?.phase === "sending") return { kind: "mine", choice };
    if (fate && fate.status !== "pending") return { kind: "decided", message: fate };
    if (fate) return { kind: "independent" };
    return choice ? { kind: "mine", choice } : { kind: "open" };
  };
  const isOpen = (message: Message) => {
    const place = placeOf(message);
    return place.kind === "open" || (place.kind === "mine" && place.choice.phase === "refused");
  };

  const lookUp = async (missing: readonly Message[]) => {
    const found = new Map((await findMessages(missing)).map((message) => [message.id, message]));
    setFates((old) => new Map([...old, ...missing.map(({ id }) => [id, found.get(id) ?? null] as const)]));
    const taken = missing.filter(({ id }) => choiceOf(id)?.phase === "waiting" && found.get(id)?.status !== "pending");
    if (taken.length === 0) return;
    decisions.undo(taken.map(({ id }) => id));
    announce("Someone else decided first. Your decision was not sent.", { isUrgent: true });
  };
  createEffect(
    on(
      () => view().missing,
      (ids) => {
        const missing = new Set(ids);
        const unknown = shown().items.filter(({ id }) => {
          const phase = choiceOf(id)?.phase;
          return missing.has(id) && !fates().has(id) && phase !== "sent" && phase !== "sending";
        });
        // The next response triggers another attempt if this one fails.
        if (unknown.length > 0) void lookUp(unknown).catch(() => undefined);
      },
    ),
  );
  // Messages that are listed again are undecided.
  createEffect(
    on(listed, (messages) => {
      const back = messages.filter(({ id }) => untrack(fates).has(id));
      if (back.length === 0) return;
      setFates((old) => {
        const rest = new Map(old);
        for (const { id } of back) rest.delete(id);
        return rest;
      });
    }),
  );

  createEffect(
    on(
      () => view().fresh.length,
      (count, before = 0) => {
        if (count > before) announce(plural(count, "new message"));
        return count;
      },
    ),
  );
  const showNew = () => {
    const missing = new Set(view().missing);
    const isDone = ({ id }: Message) => choiceOf(id)?.phase === "sent" || (fates().has(id) && missing.has(id));
    const items = [...view().fresh, ...view().items].filter((message) => !isDone(message));
    items.sort((one, other) => other.created_at.localeCompare(one.created_at) || other.id.localeCompare(one.id));
    setShown({ tab: tab(), items });
  };
  /**
   * Whether the whole queue is decided, the last message by this user, and nothing can be undone. Messages that only
   * others decided stay visible until they are removed.
   */
  const isFinished = createMemo(() => {
    if (status() !== "pending") return false;
    const places = view().items.map(placeOf);
    const isMine = (place: Place) => place.kind === "mine" && place.choice.phase === "sent";
    return (
      places.some(isMine) && places.every((place) => isMine(place) || place.kind === "decided" || place.kind === "gone")
    );
  });
  createEffect(() => isFinished() && untrack(showNew));

  // Without a stream there is no other signal that the list has changed.
  const arrivals = createMemo(
    () => [...decisions.state().choices.values()].filter(({ phase }) => phase === "sent").length,
  );
  createEffect(on(arrivals, () => fleet.connection().mode !== "live" && void list.refetch(), { defer: true }));

  /** Counts as if the decisions made here were already stored. */
  const counts = createMemo(() => {
    if (!list.data) return null;
    const known = { ...list.data.counts };
    if (list.data.tab !== tab() || status() !== "pending") return known;
    for (const { id } of answered()) {
      const choice = choiceOf(id);
      if (!choice || choice.phase === "refused") continue;
      known.pending -= 1;
      known[choice.decision] += 1;
    }
    return known;
  });

  return {
    list,
    items: () => view().items,
    fresh: () => view().fresh,
    isCurrent,
    counts,
    placeOf,
    isOpen,
    showNew,
    /** How many of `items` are decided and only keep their positions. */
    doneCount: createMemo(() => (status() === "pending" ? view().items.filter((item) => !isOpen(item)).length : 0)),
  };
}

export type QueueModel = ReturnType<typeof createQueueModel>;
