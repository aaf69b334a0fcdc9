import { createSignal, Match, Show, Switch } from "solid-js";
import { toFailure } from "../../../lib/failure.ts";
import { printFilter } from "../../../lib/filter.ts";
import { formatCount, plural } from "../../../lib/numbers.ts";
import { ConfirmDialog } from "../../../ui/confirm-dialog.tsx";
import { Cross } from "../../../ui/icons.tsx";
import { notify } from "../../../ui/toast.tsx";
import { TypeToConfirm } from "../../../ui/type-to-confirm.tsx";
import { mayAdminister, mayOperate } from "../../session/session.ts";
import { fetchMatchingIds } from "../list/api.ts";
import type { ListParts } from "../list/list-parts.ts";
import { type BulkKind, exportCsv, startBulk } from "./bulk-actions.ts";
import "./bulk.css";

/** The actions for selected organizations. */
export function BulkBar(props: { list: ListParts }) {
  const { state, rows, selection } = props.list;
  const [asking, setAsking] = createSignal<BulkKind | null>(null);
  const [isSelecting, setSelecting] = createSignal(false);
  const orchestrators = () => plural(selection.orchestrators(), "orchestrator");
  const count = () => plural(selection.size(), "organization");

  const selectMatching = async () => {
    setSelecting(true);
    try {
      const found = await fetchMatchingIds(state.filter());
      selection.add(
        found.map((entry) => ({
          organizationId: entry.organization_id,
          orchestrators: entry.orchestrator_ids.length,
        })),
      );
    } catch (error) {
      notify({ tone: "danger", text: `Could not select all: ${toFailure(error).message}.` });
    } finally {
      setSelecting(false);
    }
  };
  const start = (kind: BulkKind) => startBulk(kind, selection, () => void rows.refresh());
  const exportSelected = () => {
    const ids = new Set(selection.list().map((entry) => entry.organizationId));
    exportCsv(ids).catch((error: unknown) => {
      notify({ tone: "danger", text: `Nothing was exported: ${toFailure(error).message}.` });
    });
  };
  const where = () =>
    state.isFiltered() ? `Current filter: “${printFilter(state.filter())}”.` : "No filter is active.";

  return (
    <section class="bulk" aria-label="Selected organizations">
      <p>
        <strong class="number">{formatCount(selection.size())}</strong> selected
        <Show when={rows.total() > 0 && selection.size() < rows.total()}>
          <button class="link" type="button" aria-disabled={isSelecting()} onClick={() => void selectMatching()}>
            {isSelecting() ? "Selecting…" : `Select all ${formatCount(rows.total())} matching`}
          </button>
        </Show>
      </p>
      <div class="bulk-actions">
        <Show when={mayOperate()}>
          <button class="button" type="button" onClick={() => setAsking("free")}>
            Set independent
          </button>
          <button class="button" type="button" onClick={() => setAsking("take-back")}>
            Manage again
          </button>
          <button class="button" type="button" onClick={() => setAsking("push")}>
            Resend configuration
          </button>
        </Show>
        <button class="button" type="button" onClick={exportSelected}>
          Export CSV
        </button>
        <Show when={mayAdminister()}>
          <button class="button" data-tone="danger" type="button" onClick={() => setAsking("delete")}>
            Delete…
          </button>
        </Show>
        <button
          class="icon-button"
          type="button"
          aria-label="Clear selection"
          title="Clear (Esc)"
          onClick={selection.clear}
        >
          <Cross />
        </button>
      </div>
      <Switch>
        <Match when={asking() === "free"}>
          <ConfirmDialog
            title={`Set ${count()} independent?`}
            consequences={[
              where(),
              `${orchestrators()}: heartbeats are no longer recorded, and “last seen” stops updating.`,
              "They receive no messages and no configuration, and their messages are hidden.",
              "They keep working, and you can manage them again at any time.",
            ]}
            action="Set independent"
            tone="danger"
            onConfirm={() => start("free")}
            onClose={() => setAsking(null)}
          />
        </Match>
        <Match when={asking() === "take-back"}>
          <ConfirmDialog
            title={`Manage ${count()} again?`}
            consequences={[
              where(),
              `${orchestrators()}: heartbeats are recorded again, starting with the next one.`,
              "Configuration that was published in the meantime is sent, and their messages are shown again.",
            ]}
            action="Manage again"
            tone="primary"
            onConfirm={() => start("take-back")}
            onClose={() => setAsking(null)}
          />
        </Match>
        <Match when={asking() === "push"}>
          <ConfirmDialog
            title={`Resend the configuration of ${count()}?`}
            consequences={[
              where(),
              `${orchestrators()}: connected ones receive the current revision again.`,
              "Offline and independent ones receive it when they connect or are managed again.",
            ]}
            action="Resend"
            tone="primary"
            onConfirm={() => start("push")}
            onClose={() => setAsking(null)}
          />
        </Match>
        <Match when={asking() === "delete"}>
          <TypeToConfirm
            title={`Delete ${count()}?`}
            consequences={[
              where(),
              `${orchestrators()} will be deregistered permanently, and their connections closed.`,
              "All of their messages and configurations are deleted. Usage and the audit log are kept.",
              "This cannot be undone.",
            ]}
            phrase={`delete ${selection.size()}`}
            action={`Delete ${count()}`}
            onConfirm={async () => start("delete")}
            onClose={() => setAsking(null)}
          />
        </Match>
      </Switch>
    </section>
  );
}
