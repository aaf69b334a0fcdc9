import { createSignal, Show } from "solid-js";

/** Nothing has ever connected: how to change that. */
export function NothingYet() {
  const [isCopied, setCopied] = createSignal(false);
  const socket = `${location.origin.replace(/^http/, "ws")}/ws`;
  const command = `ORCHESTRATOR_ID=org-002 CONTROLLER_WS_URL=${socket} ORCHESTRATOR_HTTP_ENABLED=false python -m orchestrator.app.ws_client`;

  const copy = async () => {
    await navigator.clipboard.writeText(command).catch(() => undefined);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };

  return (
    <section class="panel empty">
      <h2>No organizations yet</h2>
      <p>An orchestrator that connects brings its organization along. It appears here by itself.</p>
      <div class="command">
        <code>{command}</code>
        <button class="button" type="button" onClick={() => void copy()}>
          <Show when={isCopied()} fallback="Copy">
            Copied
          </Show>
        </button>
      </div>
    </section>
  );
}

export function NothingMatches(props: { onReset: () => void }) {
  return (
    <section class="panel empty">
      <h2>Nothing matches</h2>
      <p>No organization has this status and this text in its name or id.</p>
      <button class="button" type="button" onClick={() => props.onReset()}>
        Show all organizations
      </button>
    </section>
  );
}
