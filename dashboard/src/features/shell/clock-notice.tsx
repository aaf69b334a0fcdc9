import { createMemo, createSignal, Show } from "solid-js";
import { describeClock } from "../../lib/clock-offset.ts";
import { clockOffset } from "../../lib/controller-time.ts";
import { recall, remember } from "../../lib/storage.ts";

const KEY = "clock-notice";

/** A notice that this computer's clock is wrong; once dismissed, it returns only if the error changes. */
export function ClockNotice() {
  const [dismissed, setDismissed] = createSignal(recall(KEY));
  const words = createMemo(() => {
    const offset = clockOffset();
    return offset && describeClock(offset);
  });
  const shown = () => (words() === dismissed() ? null : words());
  const dismiss = (text: string) => {
    remember(KEY, text);
    setDismissed(text);
  };
  return (
    <div role="status">
      <Show when={shown()}>
        {(text) => (
          <div class="notice clock-notice" data-tone="warning">
            <p>
              This computer’s clock is <strong>{text()}</strong>. Times on this page use the controller’s clock.
            </p>
            <button class="button" type="button" onClick={() => dismiss(text())}>
              Dismiss
            </button>
          </div>
        )}
      </Show>
    </div>
  );
}
