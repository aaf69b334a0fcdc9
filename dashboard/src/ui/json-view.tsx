import { visibleText } from "../../../common/text.ts";
import { CopyButton } from "./copy-button.tsx";

/** Formatted JSON to read and copy. */
export function JsonView(props: { value: unknown; label: string }) {
  const text = () => JSON.stringify(props.value, null, 2) ?? "null";
  return (
    <div class="json">
      {/* A scrolling area must be reachable with the keyboard. */}
      <section class="json-text" tabindex="0" aria-label={props.label}>
        <pre>{visibleText(text(), { keepsLines: true })}</pre>
      </section>
      <CopyButton text={text()} label={`Copy ${props.label}`} isCompact />
    </div>
  );
}
