import { createUniqueId, type JSX, Show } from "solid-js";
import { Plus } from "../../ui/icons.tsx";
import "./tokens.css";

interface TokenSectionProps {
  title: string;
  explanation: string;
  /** "New agent token". */
  action?: string;
  /** Why the action is not available now. */
  whyNot?: string | undefined;
  onAction?: () => void;
  tools?: JSX.Element;
  children?: JSX.Element;
}

/** A section of a page: an explanation of the tokens, a button that creates one, and the list. */
export function TokenSection(props: TokenSectionProps) {
  const heading = createUniqueId();
  const reason = createUniqueId();
  return (
    <section class="token-section" aria-labelledby={heading}>
      <div class="token-head">
        <h2 id={heading} tabindex="-1">
          {props.title}
        </h2>
        {props.tools}
        <Show when={props.action}>
          <button
            class="button"
            type="button"
            aria-disabled={props.whyNot !== undefined}
            aria-describedby={props.whyNot ? reason : undefined}
            onClick={() => props.whyNot === undefined && props.onAction?.()}
          >
            <Plus />
            {props.action}
          </button>
        </Show>
      </div>
      <p class="muted token-explanation">{props.explanation}</p>
      <Show when={props.whyNot}>
        <p class="hint" id={reason}>
          {props.whyNot}
        </p>
      </Show>
      {props.children}
    </section>
  );
}
