import { Show } from "solid-js";
import { visibleText } from "../../../../common/text.ts";
import { JsonView } from "../../ui/json-view.tsx";
import { MessageFacts } from "./message-facts.tsx";
import { MessageVerdict, type MessageVerdictProps } from "./message-verdict.tsx";
import { INDEPENDENT, TYPE_WORDS } from "./place-words.ts";
import { severityOf } from "./severity.ts";
import { SeverityMark } from "./severity-mark.tsx";
import "./detail.css";

interface MessageDetailProps extends MessageVerdictProps {
  /** On a narrow screen the detail replaces the queue. */
  onBack: () => void;
}

export function MessageDetail(props: MessageDetailProps) {
  const isHidden = () => props.place.kind === "independent";
  const title = () => {
    const { message_type, direction, orchestrator_id } = props.message;
    return `${TYPE_WORDS[message_type]} ${direction === "inbound" ? "from" : "to"} ${orchestrator_id}`;
  };
  return (
    <article class="panel msg-detail" aria-labelledby="message-title" data-id={props.message.id}>
      <button class="button msg-back" type="button" onClick={() => props.onBack()}>
        Back to messages
      </button>
      <header class="msg-detail-head">
        <h2 id="message-title" tabindex="-1">
          {title()}
        </h2>
        <Show when={!isHidden()}>
          <SeverityMark severity={severityOf(props.message.metadata)} />
        </Show>
      </header>
      <Show
        when={!isHidden()}
        fallback={
          <p class="notice" data-tone="independent">
            {INDEPENDENT}. Its messages are hidden.
          </p>
        }
      >
        <pre class="msg-text">{visibleText(props.message.content, { keepsLines: true })}</pre>
        <MessageVerdict {...props} />
        <MessageFacts message={props.message} />
        <Show when={Object.keys(props.message.metadata).length > 0}>
          <h3>Metadata</h3>
          <JsonView value={props.message.metadata} label="metadata" />
        </Show>
      </Show>
    </article>
  );
}
