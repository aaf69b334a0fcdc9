import { createSignal, For, onCleanup, onMount, Show } from "solid-js";
import { announce } from "./announce.ts";
import { Cross } from "./icons.tsx";

export interface Toast {
  tone: "info" | "success" | "warning" | "danger";
  text: string;
  action?: { label: string; run(): void };
  /** Defaults to 6 s, or 10 s with an action. Errors stay until they are closed. */
  durationMs?: number;
}

interface Shown extends Toast {
  id: number;
}

const MOST = 4;

const [toasts, setToasts] = createSignal<readonly Shown[]>([]);
let lastId = 0;

/** Shows a short notification about what just happened. Show an error that needs attention beside its cause instead. */
export function notify(toast: Toast): { dismiss(): void } {
  lastId += 1;
  const id = lastId;
  setToasts((shown) => [...shown, { ...toast, id }].slice(-MOST));
  announce(toast.text, { isUrgent: true });
  return { dismiss: () => dismiss(id) };
}

function dismiss(id: number): void {
  setToasts((shown) => shown.filter((toast) => toast.id !== id));
}

/** The container of the notifications, which the shell renders once. */
export function Toasts() {
  return (
    <section class="toasts" aria-label="Notifications">
      <For each={toasts()}>{(toast) => <ToastCard toast={toast} />}</For>
    </section>
  );
}

function ToastCard(props: { toast: Shown }) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leftMs = props.toast.durationMs ?? defaultDuration(props.toast);
  let startedAt = 0;

  const run = () => {
    clearTimeout(timer);
    startedAt = Date.now();
    if (Number.isFinite(leftMs)) timer = setTimeout(() => dismiss(props.toast.id), leftMs);
  };
  // A notification stays while the pointer or the focus is inside.
  const hold = () => {
    clearTimeout(timer);
    leftMs = Math.max(1500, leftMs - (Date.now() - startedAt));
  };
  onMount(run);
  onCleanup(() => clearTimeout(timer));

  return (
    <div
      class="toast"
      data-tone={props.toast.tone}
      onPointerEnter={hold}
      onPointerLeave={run}
      onFocusIn={hold}
      onFocusOut={run}
    >
      <p>{props.toast.text}</p>
      <Show when={props.toast.action}>
        {(action) => (
          <button
            class="button"
            type="button"
            onClick={() => {
              action().run();
              dismiss(props.toast.id);
            }}
          >
            {action().label}
          </button>
        )}
      </Show>
      <button class="icon-button" type="button" aria-label="Close" onClick={() => dismiss(props.toast.id)}>
        <Cross />
      </button>
    </div>
  );
}

function defaultDuration(toast: Toast): number {
  if (toast.tone === "danger") return Number.POSITIVE_INFINITY;
  return toast.action ? 10_000 : 6000;
}
