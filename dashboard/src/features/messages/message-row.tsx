import { Show } from "solid-js";
import { visibleText } from "../../../../common/text.ts";
import { now } from "../../lib/clock.ts";
import { momentOf } from "../../lib/time.ts";
import { Moment } from "../../ui/moment.tsx";
import type { Message } from "./api.ts";
import { INDEPENDENT, placeWords, TYPE_WORDS } from "./place-words.ts";
import type { Place } from "./queue-model.ts";
import { severityOf } from "./severity.ts";
import { SeverityMark } from "./severity-mark.tsx";

interface MessageRowProps {
  message: Message;
  place: Place;
  isCurrent: boolean;
  /** null: selection is disabled. */
  isSelected: boolean | null;
  isSelectable: boolean;
  onOpen: () => void;
  onSelect: (isRange: boolean) => void;
}

const PREVIEW_CHARS = 200;

export function MessageRow(props: MessageRowProps) {
  const isHidden = () => props.place.kind === "independent";
  const words = () => placeWords(props.place, now());
  const tabIndex = () => (props.isCurrent ? 0 : -1);
  return (
    <div class="msg-row" data-id={props.message.id} data-current={props.isCurrent} data-place={stateOf(props.place)}>
      <Show when={props.isSelected !== null}>
        <label class="msg-check">
          <input
            type="checkbox"
            tabindex={tabIndex()}
            checked={props.isSelected ?? false}
            disabled={!props.isSelectable}
            aria-label={`Select message from ${props.message.orchestrator_id}`}
            onClick={(event) => props.onSelect(event.shiftKey)}
          />
        </label>
      </Show>
      <button
        class="msg-open"
        type="button"
        tabindex={tabIndex()}
        aria-current={props.isCurrent ? "true" : undefined}
        onClick={() => props.onOpen()}
      >
        <span class="msg-line">
          <span class="msg-preview clip">
            {isHidden() ? INDEPENDENT : visibleText(props.message.content.slice(0, PREVIEW_CHARS).replace(/\s+/g, " "))}
          </span>
          <Moment at={momentOf(props.message.created_at)} isPlain />
        </span>
        <span class="msg-line msg-sub">
          <Show when={!isHidden()}>
            <SeverityMark severity={severityOf(props.message.metadata)} />
          </Show>
          <code class="clip">
            <span class="sr-only">{props.message.direction === "inbound" ? "from " : "to "}</span>
            <span aria-hidden="true">{props.message.direction === "inbound" ? "← " : "→ "}</span>
            {props.message.orchestrator_id}
          </code>
          <span class="clip">{TYPE_WORDS[props.message.message_type]}</span>
          <Show when={!isHidden() && words()}>{(text) => <span class="msg-state clip">{text()}</span>}</Show>
        </span>
      </button>
    </div>
  );
}

function stateOf(place: Place): string {
  return place.kind === "mine" ? place.choice.phase : place.kind;
}
