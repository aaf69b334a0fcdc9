import { createSignal, For, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { toFailure } from "../../lib/failure.ts";
import { useList } from "../../live/query.ts";
import { DiffView } from "../../ui/diff-view.tsx";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Refusal } from "../../ui/refusal.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { toPublished } from "./api.ts";
import type { ConfigDocument } from "./document.ts";

const PAGE_SIZE = 10;
const EMPTY: ConfigDocument = { features: {}, settings: {}, policies: {} };

interface HistoryProps {
  organizationId: string;
  /** The current revision; a new one reloads the list. */
  revision: number;
  mayRevert: boolean;
  /** Starts a review of the old content, to be published as a new revision. */
  onRevert: (revision: number, config: ConfigDocument) => void;
}

/** All revisions with author, time, changes and a revert button. */
export function History(props: HistoryProps) {
  const [page, setPage] = createSignal(1);
  const query = useList(
    () => ["organization", props.organizationId, "revisions", props.revision, page()],
    async (signal) => {
      const params = {
        path: { organization_id: props.organizationId },
        query: { page: page(), page_size: PAGE_SIZE },
      };
      const answer = await ask(
        api.GET("/api/v1/controller/organizations/{organization_id}/config/revisions", { params, signal }),
      );
      return answer.data;
    },
    { idField: "revision" },
  );
  return (
    <section class="panel config-history" aria-label="History">
      <h2>History</h2>
      <StaleBanner query={query} />
      <Switch fallback={<Skeleton what="the history" count={3} />}>
        <Match when={query.data}>
          {(list) => (
            <>
              <ol>
                <For each={list().items}>
                  {(head, index) => (
                    <Revision
                      organizationId={props.organizationId}
                      revision={head.revision}
                      previous={list().items[index() + 1]?.revision ?? head.revision - 1}
                      at={Date.parse(head.created_at)}
                      by={head.created_by}
                      isCurrent={head.is_current}
                      mayRevert={props.mayRevert}
                      onRevert={props.onRevert}
                    />
                  )}
                </For>
              </ol>
              <Show when={list().total_pages > 1}>
                <Pager page={page()} totalPages={list().total_pages} onPage={setPage} />
              </Show>
            </>
          )}
        </Match>
        <Match when={query.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
      </Switch>
    </section>
  );
}

interface RevisionProps {
  organizationId: string;
  revision: number;
  /** Not always one less: a restored database skips the revisions published after its backup. */
  previous: number;
  at: number;
  by: string;
  isCurrent: boolean;
  mayRevert: boolean;
  onRevert: (revision: number, config: ConfigDocument) => void;
}

function Revision(props: RevisionProps) {
  const [sides, setSides] = createSignal<{ before: ConfigDocument; after: ConfigDocument } | null>(null);
  const [isOpen, setOpen] = createSignal(false);
  const [problem, setProblem] = createSignal("");

  const load = async (use: (found: { before: ConfigDocument; after: ConfigDocument }) => void) => {
    setProblem("");
    try {
      const found = sides() ?? {
        after: await fetchRevision(props.organizationId, props.revision),
        before: await fetchRevision(props.organizationId, props.previous),
      };
      setSides(found);
      use(found);
    } catch (error) {
      setProblem(`${toFailure(error).message}. Try again.`);
    }
  };
  const toggle = () => (isOpen() ? setOpen(false) : void load(() => setOpen(true)));

  return (
    <li>
      <div class="config-revision">
        <strong>Revision {props.revision}</strong>
        <Show when={props.isCurrent}>
          <span class="tag">Current</span>
        </Show>
        <span class="muted">
          {props.by.replace(/^user:/, "")}, <Moment at={props.at} />
        </span>
        <span class="config-actions">
          <button
            class="button"
            data-kind="quiet"
            type="button"
            aria-expanded={isOpen()}
            aria-label={`Changes in revision ${props.revision}`}
            onClick={toggle}
          >
            Changes
          </button>
          <Show when={props.mayRevert && !props.isCurrent}>
            <button
              class="button"
              type="button"
              aria-label={`Revert to revision ${props.revision}`}
              onClick={() => void load(({ after }) => props.onRevert(props.revision, after))}
            >
              Revert…
            </button>
          </Show>
        </span>
      </div>
      <Refusal text={problem()} />
      <Show when={isOpen() && sides()}>
        {(found) => (
          <DiffView before={found().before} after={found().after} label={`Changes in revision ${props.revision}`} />
        )}
      </Show>
    </li>
  );
}

/** Revision 0 is empty. */
async function fetchRevision(organizationId: string, revision: number): Promise<ConfigDocument> {
  if (revision < 1) return EMPTY;
  const params = { path: { organization_id: organizationId, revision } };
  const path = "/api/v1/controller/organizations/{organization_id}/config/revisions/{revision}";
  return toPublished((await ask(api.GET(path, { params }))).data).config;
}
