import { createMemo, Show } from "solid-js";
import { now } from "../../lib/clock.ts";
import { plural } from "../../lib/numbers.ts";
import { KeyHint } from "../records/key-hint.tsx";
import { refusals, undoable } from "./decisions.ts";
import { decisions } from "./my-decisions.ts";
import { DECISION_WORDS, secondsTo } from "./place-words.ts";
import "./undo-bar.css";

/** Shows the newest decision that can still be undone. */
export function UndoBar(props: { onUndo: () => void; onSend: () => void }) {
  const newest = createMemo(() => undoable(decisions.state()));
  return (
    <Show when={newest()}>
      {(batch) => (
        <section class="undo-bar" aria-label="Undo">
          <p>
            {DECISION_WORDS[batch().decision]} {plural(batch().ids.length, "message")}
            <Show when={Number.isFinite(batch().dueAt)} fallback=", not sent yet">
              <span class="number">, sending in {secondsTo(batch().dueAt, now())} s</span>
            </Show>
          </p>
          <button class="button" type="button" aria-keyshortcuts="u" onClick={() => props.onUndo()}>
            Undo <KeyHint keys="u" />
          </button>
          <button class="button" data-kind="quiet" type="button" onClick={() => props.onSend()}>
            Send now
          </button>
        </section>
      )}
    </Show>
  );
}

/** Shows decisions that the controller rejected, so that none is lost silently. */
export function Refusals(props: { onShow: (id: string) => void; around: (act: () => void) => void }) {
  const refused = createMemo(() => refusals(decisions.state()));
  const ids = () => refused().map(({ id }) => id);
  const reasons = () => [...new Set(refused().map(({ reason }) => reason))].join(". ");
  const again = () => {
    for (const { id, decision } of refused()) decisions.decide([id], decision);
    void decisions.flush(false);
  };
  return (
    <div role="alert">
      <Show when={refused()[0]}>
        {(first) => (
          <div class="notice" data-tone="danger">
            <p>
              {plural(refused().length, "decision was", "decisions were")} not saved: {reasons()}.
            </p>
            <span class="msg-buttons">
              <button class="button" type="button" onClick={() => props.onShow(first().id)}>
                Show
              </button>
              <button class="button" type="button" onClick={() => props.around(again)}>
                Try again
              </button>
              <button class="button" type="button" onClick={() => props.around(() => decisions.acknowledge(ids()))}>
                Dismiss
              </button>
            </span>
          </div>
        )}
      </Show>
    </div>
  );
}
