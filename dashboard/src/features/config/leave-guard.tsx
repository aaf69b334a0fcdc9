import { type BeforeLeaveEventArgs, useBeforeLeave } from "@solidjs/router";
import { createSignal, onCleanup, onMount, Show } from "solid-js";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";

interface LeaveGuardProps {
  isDirty: boolean;
  /** The user has confirmed that the changes are discarded. */
  onDiscard: () => void;
  /** The page closes without asking, because the session has ended. */
  onTornAway: () => void;
}

/** Asks before unpublished changes are lost. */
export function LeaveGuard(props: LeaveGuardProps) {
  const [leaving, setLeaving] = createSignal<BeforeLeaveEventArgs | null>(null);

  useBeforeLeave((event) => {
    if (!props.isDirty || event.defaultPrevented) return;
    if (typeof event.to === "string" && event.to.startsWith("/login")) return props.onTornAway();
    event.preventDefault();
    setLeaving(event);
  });
  const warn = (event: BeforeUnloadEvent) => {
    if (props.isDirty) event.preventDefault();
  };
  onMount(() => window.addEventListener("beforeunload", warn));
  onCleanup(() => window.removeEventListener("beforeunload", warn));

  return (
    <Show when={leaving()}>
      {(event) => (
        <ConfirmDialog
          title="Discard unpublished changes?"
          consequences={["Your changes to this configuration will be lost."]}
          action="Discard changes"
          tone="danger"
          onConfirm={() => {
            const { retry } = event();
            props.onDiscard();
            retry(true);
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </Show>
  );
}
