/** How long a decision can be undone before it is sent to the controller. */
export const UNDO_MS = 8000;

export type Decision = "accepted" | "dismissed";

/**
 * The user's choice for one message. waiting: can be undone until `dueAt`. sending: the request is pending. sent: the
 * controller has stored it. refused: the controller has rejected it for `reason`, and the message is unchanged.
 */
export type Choice = { decision: Decision; batch: number } & (
  | { phase: "waiting"; dueAt: number }
  | { phase: "sending" }
  | { phase: "sent" }
  | { phase: "refused"; reason: string }
);

/** Choices by message ID. Immutable: every step returns a new value. */
export interface Decisions {
  readonly choices: ReadonlyMap<string, Choice>;
  /** Numbers the batches; one undo reverts a whole batch. */
  readonly batches: number;
}

export const NO_DECISIONS: Decisions = { choices: new Map(), batches: 0 };

/** Whether the choice can be replaced: one that is being sent or was sent is final. */
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

/** The newest batch that can still be undone, and when it will be sent. */
export function undoable(state: Decisions): { ids: string[]; decision: Decision; dueAt: number } | null {
  const newest = waiting(state).reduce((last, [, choice]) => Math.max(last, choice.batch), 0);
  const batch = waiting(state).filter(([, choice]) => choice.batch === newest);
  const [first] = batch;
  return first ? { ids: batch.map(([id]) => id), decision: first[1].decision, dueAt: first[1].dueAt } : null;
}

/** Removes choices that were not sent yet. */
export function undo(state: Decisions, ids: readonly string[]): Decisions {
  return without(state, ids, (choice) => choice.phase === "waiting");
}

/** Removes refusals that the user has seen. */
export function acknowledge(state: Decisions, ids: readonly string[]): Decisions {
  return without(state, ids, (choice) => choice.phase === "refused");
}

/** Marks all due choices as being sent; `now` may be infinite when the page is closing. */
export function take(state: Decisions, now: number): { state: Decisions; taken: { id: string; decision: Decision }[] } {
  const due = waiting(state).filter(([, choice]) => choice.dueAt <= now);
  if (due.length === 0) return { state, taken: [] };
  const choices = new Map(state.choices);
  for (const [id, { decision, batch }] of due) choices.set(id, { decision, batch, phase: "sending" });
  return { state: { ...state, choices }, taken: due.map(([id, { decision }]) => ({ id, decision })) };
}

/** Returns a choice from sending to waiting until `dueAt`, which may be infinite. */
export function postpone(state: Decisions, id: string, dueAt: number): Decisions {
  const choice = state.choices.get(id);
  if (choice?.phase !== "sending") return state;
  const { decision, batch } = choice;
  return { ...state, choices: new Map(state.choices).set(id, { decision, batch, phase: "waiting", dueAt }) };
}

/** Records the result; `reason` null: the controller has stored the decision. */
export function settle(state: Decisions, id: string, reason: string | null): Decisions {
  const choice = state.choices.get(id);
  if (choice?.phase !== "sending") return state;
  const { decision, batch } = choice;
  const settled: Choice =
    reason === null ? { decision, batch, phase: "sent" } : { decision, batch, phase: "refused", reason };
  return { ...state, choices: new Map(state.choices).set(id, settled) };
}

/** When the next choice is due; null: none is scheduled. */
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

/** The decisions that the controller has not stored yet. */
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
