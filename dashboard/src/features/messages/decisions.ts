/** How long a decision can be taken back before the controller hears of it. */
export const UNDO_MS = 8000;

export type Decision = "accepted" | "dismissed";

/**
 * What the person at this screen chose for one message. waiting: can be undone until `dueAt`. sending: under way.
 * sent: the controller has it. refused: it does not, so the message is as it was, and here is why.
 */
export type Choice = { decision: Decision; batch: number } & (
  | { phase: "waiting"; dueAt: number }
  | { phase: "sending" }
  | { phase: "sent" }
  | { phase: "refused"; reason: string }
);

/** Choices by message id. Every step gives a new value and leaves the old one alone. */
export interface Decisions {
  readonly choices: ReadonlyMap<string, Choice>;
  /** Counts what was decided at one stroke, so that one undo takes back all of it. */
  readonly batches: number;
}

export const NO_DECISIONS: Decisions = { choices: new Map(), batches: 0 };

/** A choice that waits may be replaced; one that is on its way or has arrived stands. */
export function isOpen(choice: Choice | undefined): boolean {
  return choice === undefined || choice.phase === "waiting" || choice.phase === "refused";
}

export function decide(state: Decisions, ids: readonly string[], decision: Decision, now: number): Decisions {
  const open = ids.filter((id) => isOpen(state.choices.get(id)));
  if (open.length === 0) return state;
  const batch = state.batches + 1;
  const choices = new Map(state.choices);
  for (const id of open) choices.set(id, { decision, batch, phase: "waiting", dueAt: now + UNDO_MS });
  return { choices, batches: batch };
}

/** The newest batch that can still be taken back, and when it will be sent. */
export function undoable(state: Decisions): { ids: string[]; decision: Decision; dueAt: number } | null {
  const newest = waiting(state).reduce((last, [, choice]) => Math.max(last, choice.batch), 0);
  const batch = waiting(state).filter(([, choice]) => choice.batch === newest);
  const [first] = batch;
  return first ? { ids: batch.map(([id]) => id), decision: first[1].decision, dueAt: first[1].dueAt } : null;
}

/** Forgets choices that were not sent yet, as if they had never been made. */
export function undo(state: Decisions, ids: readonly string[]): Decisions {
  return without(state, ids, (choice) => choice.phase === "waiting");
}

/** Takes note that the reason of a refusal was read. */
export function acknowledge(state: Decisions, ids: readonly string[]): Decisions {
  return without(state, ids, (choice) => choice.phase === "refused");
}

/** Marks what is due as being sent, or everything that waits when the page is about to go. */
export function take(state: Decisions, now: number): { state: Decisions; taken: { id: string; decision: Decision }[] } {
  const due = waiting(state).filter(([, choice]) => choice.dueAt <= now);
  if (due.length === 0) return { state, taken: [] };
  const choices = new Map(state.choices);
  for (const [id, { decision, batch }] of due) choices.set(id, { decision, batch, phase: "sending" });
  return { state: { ...state, choices }, taken: due.map(([id, { decision }]) => ({ id, decision })) };
}

/** Takes back that something is being sent: it will be tried again at `dueAt`, which may be infinity. */
export function postpone(state: Decisions, id: string, dueAt: number): Decisions {
  const choice = state.choices.get(id);
  if (choice?.phase !== "sending") return state;
  const { decision, batch } = choice;
  return { ...state, choices: new Map(state.choices).set(id, { decision, batch, phase: "waiting", dueAt }) };
}

/** What came of it: `reason` null when the controller has the decision. */
export function settle(state: Decisions, id: string, reason: string | null): Decisions {
  const choice = state.choices.get(id);
  if (choice?.phase !== "sending") return state;
  const { decision, batch } = choice;
  const settled: Choice =
    reason === null ? { decision, batch, phase: "sent" } : { decision, batch, phase: "refused", reason };
  return { ...state, choices: new Map(state.choices).set(id, settled) };
}

/** When something is to be sent next; null: nothing is, by itself. */
export function nextDueAt(state: Decisions): number | null {
  const dueAt = waiting(state).reduce((first, [, choice]) => Math.min(first, choice.dueAt), Number.POSITIVE_INFINITY);
  return Number.isFinite(dueAt) ? dueAt : null;
}

export function refusals(state: Decisions): { id: string; decision: Decision; reason: string }[] {
  return [...state.choices].flatMap(([id, choice]) =>
    choice.phase === "refused" ? [{ id, decision: choice.decision, reason: choice.reason }] : [],
  );
}

type Waiting = Extract<Choice, { phase: "waiting" }>;

/** What the controller does not have yet. */
export function unsent(state: Decisions): { id: string; decision: Decision }[] {
  return [...state.choices].flatMap(([id, { phase, decision }]) =>
    phase === "waiting" || phase === "sending" ? [{ id, decision }] : [],
  );
}

function waiting(state: Decisions): [string, Waiting][] {
  return [...state.choices].flatMap(([id, choice]): [string, Waiting][] =>
    choice.phase === "waiting" ? [[id, choice]] : [],
  );
}

function without(state: Decisions, ids: readonly string[], may: (choice: Choice) => boolean): Decisions {
  const choices = new Map(state.choices);
  for (const id of ids) {
    const choice = choices.get(id);
    if (choice && may(choice)) choices.delete(id);
  }
  return choices.size === state.choices.size ? state : { ...state, choices };
}
