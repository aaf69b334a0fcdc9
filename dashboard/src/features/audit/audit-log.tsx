import { useSearchParams } from "@solidjs/router";
import { createEffect, createMemo, createSignal, Match, on, Show, Switch } from "solid-js";
import { MAX_AUDIT_CSV_ROWS } from "../../../../worker/contract/values/limits.ts";
import { useCommands } from "../../lib/commands.ts";
import { controllerNow } from "../../lib/controller-time.ts";
import { toFailure } from "../../lib/failure.ts";
import { rescueFocus } from "../../lib/focus.ts";
import { formatCount } from "../../lib/numbers.ts";
import { readPage } from "../../lib/page.ts";
import { saveCsv } from "../../ui/download.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { Download } from "../../ui/icons.tsx";
import { createListCursor, stepCommands } from "../../ui/list-cursor.ts";
import { PageHead } from "../../ui/page-head.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { notify } from "../../ui/toast.tsx";
import { NewPill } from "../records/new-pill.tsx";
import { AuditFilters } from "./audit-filters.tsx";
import { createAudit, exportCsv } from "./audit-model.ts";
import { AuditTable } from "./audit-table.tsx";
import { type AuditFilter, isFiltered, problemOf, readFilter, writeFilter } from "./filter.ts";
import "../records/records.css";
import "./audit.css";

/** The audit log: who changed what, and when. */
export function AuditLog() {
  const [search, setSearch] = useSearchParams<Record<string, string>>();
  const filter = createMemo(() => readFilter(search));
  const page = createMemo(() => readPage(search.page));
  const audit = createAudit(filter, page);
  const [open, setOpen] = createSignal<ReadonlySet<string>>(new Set());
  const [isExporting, setExporting] = createSignal(false);
  let box: HTMLInputElement | undefined;
  let results: HTMLDivElement | undefined;

  const entries = createMemo(() => audit.list.data?.items ?? []);
  const total = () => audit.list.data?.total_items ?? 0;
  const change = (part: Partial<AuditFilter>) =>
    setSearch({ ...writeFilter({ ...filter(), ...part }), page: undefined }, { replace: true });
  const reset = () => setSearch({ ...writeFilter(readFilter({})), page: undefined }, { replace: true });
  const turnTo = (wanted: number) => setSearch({ page: wanted > 1 ? wanted : undefined });
  const showNew = () => {
    turnTo(1);
    audit.showNew();
    // The pressed button has disappeared.
    rescueFocus(() => cursor.moveBy(1));
  };
  // The address may name a page that does not exist.
  createEffect(() => {
    const last = audit.list.data?.total_pages ?? 0;
    // Replaces the history entry; otherwise Back would lead here again.
    if (audit.isCurrent() && last > 0 && page() > last)
      setSearch({ page: last > 1 ? last : undefined }, { replace: true });
  });
  createEffect(on([filter, page], () => setOpen(new Set<string>()), { defer: true }));

  const toggle = (id: string) =>
    setOpen((known) => {
      const next = new Set(known);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const toggles = () => [...(results?.querySelectorAll<HTMLElement>(".audit-toggle") ?? [])];
  const focusedIndex = () => toggles().findIndex((row) => row.matches(":focus"));
  const cursor = createListCursor({
    count: () => toggles().length,
    index: () => Math.max(0, focusedIndex()),
    setIndex: (index) => toggles()[index]?.focus(),
    isInside: () => focusedIndex() >= 0,
  });
  const toggleFocused = () => {
    const row = document.activeElement?.closest<HTMLElement>("[data-id]");
    if (row?.dataset.id && results?.contains(row)) toggle(row.dataset.id);
  };
  const save = async () => {
    if (isExporting() || problemOf(filter()) !== null) return;
    setExporting(true);
    try {
      saveCsv(`audit-${new Date(controllerNow()).toISOString().slice(0, 10)}`, await exportCsv(filter()));
    } catch (error) {
      notify({ tone: "danger", text: `Not exported: ${toFailure(error).message}` });
    } finally {
      setExporting(false);
    }
  };

  const group = "Audit log";
  useCommands(() => [
    { id: "audit:search", title: "Search the audit log", group, keys: "/", run: () => box?.focus() },
    ...stepCommands("audit", group, "entry", cursor.moveBy),
    { id: "audit:open", title: "Expand or collapse entry", group, keys: "o", isHidden: true, run: toggleFocused },
    {
      id: "audit:next-page",
      title: "Next page",
      group,
      keys: "]",
      isHidden: true,
      isEnabled: () => page() < (audit.list.data?.total_pages ?? 1),
      run: () => turnTo(page() + 1),
    },
    {
      id: "audit:previous-page",
      title: "Previous page",
      group,
      keys: "[",
      isHidden: true,
      isEnabled: () => page() > 1,
      run: () => turnTo(page() - 1),
    },
    { id: "audit:new", title: "Show new entries", group, keys: ".", run: showNew },
    { id: "audit:export", title: "Export audit log as CSV", group, run: () => void save() },
  ]);

  return (
    <>
      <PageHead title="Audit log" count={audit.list.data ? total() : null} countHint="entries match">
        <button
          class="button"
          type="button"
          aria-disabled={isExporting()}
          title={
            total() > MAX_AUDIT_CSV_ROWS
              ? `Exports the newest ${formatCount(MAX_AUDIT_CSV_ROWS)} matching entries`
              : undefined
          }
          onClick={() => void save()}
        >
          <Download />
          {isExporting() ? "Exporting…" : "Export CSV"}
        </button>
      </PageHead>
      <AuditFilters
        filter={filter()}
        facets={audit.facets}
        onChange={change}
        onReset={reset}
        ref={(input) => {
          box = input;
        }}
      />
      <StaleBanner query={audit.list} />
      <div class="audit-new">
        <NewPill count={audit.newCount()} one="entry" many="entries" onShow={showNew} />
      </div>
      <div ref={results} aria-busy={!audit.isCurrent() && audit.list.isFetching} class="audit-results">
        <Switch>
          <Match when={!audit.list.data && audit.list.failure}>
            {(failure) => <FailurePanel failure={failure()} onRetry={() => void audit.list.refetch()} />}
          </Match>
          <Match when={!audit.list.data && problemOf(filter()) === null}>
            <Skeleton what="the audit log" count={12} />
          </Match>
          <Match when={entries().length === 0}>
            <Nothing isFiltered={isFiltered(filter())} onReset={reset} />
          </Match>
          <Match when={true}>
            <AuditTable entries={entries()} open={open()} onToggle={toggle} />
          </Match>
        </Switch>
      </div>
      <Show when={(audit.list.data?.total_pages ?? 0) > 1}>
        <Pager page={page()} totalPages={audit.list.data?.total_pages ?? 1} onPage={turnTo} />
      </Show>
    </>
  );
}

function Nothing(props: { isFiltered: boolean; onReset: () => void }) {
  return (
    <Show
      when={props.isFiltered}
      fallback={
        <EmptyState
          kind="nothing-yet"
          title="No entries yet"
          text="Changes, logins and refused requests are recorded here."
        />
      }
    >
      <EmptyState
        kind="no-match"
        title="No matching entries"
        text="Change or reset the filters. Older entries may have passed their retention period."
        action={
          <button class="button" type="button" onClick={() => props.onReset()}>
            Show all entries
          </button>
        }
      />
    </Show>
  );
}
