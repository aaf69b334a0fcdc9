import { type JSX, Match, Show, Switch } from "solid-js";
import type { ListQuery } from "../live/query.ts";
import { EmptyState } from "./empty-state.tsx";
import { FailurePanel } from "./failure-panel.tsx";
import { Pager } from "./pager.tsx";
import { Skeleton } from "./skeleton.tsx";
import { StaleBanner } from "./stale-banner.tsx";

interface PagedListProps<T> {
  query: ListQuery<{ items: T[]; total: number; total_pages: number }>;
  page: number;
  onPage: (page: number) => void;
  /** What is being loaded: "users". */
  what: string;
  /** How many placeholder rows to show while loading. */
  places?: number;
  /** Shown in place of an empty list. */
  empty: JSX.Element;
  children: (items: readonly T[]) => JSX.Element;
}

/** A paged list in every state: loading, failed, empty, loaded. */
export function PagedList<T>(props: PagedListProps<T>) {
  return (
    <>
      <StaleBanner query={props.query} />
      <div aria-busy={props.query.isPlaceholderData}>
        <Switch>
          <Match when={props.query.data?.total === 0}>{props.empty}</Match>
          <Match when={props.query.data?.items.length === 0}>
            <NoSuchPage onFirst={() => props.onPage(1)} />
          </Match>
          <Match when={props.query.data}>
            {(data) => (
              <>
                {props.children(data().items)}
                <Show when={data().total_pages > 1}>
                  <Pager page={props.page} totalPages={data().total_pages} onPage={props.onPage} />
                </Show>
              </>
            )}
          </Match>
          <Match when={props.query.failure}>
            {(failure) => <FailurePanel failure={failure()} onRetry={() => void props.query.refetch()} />}
          </Match>
          <Match when={props.query.isLoading}>
            <Skeleton what={props.what} {...(props.places !== undefined && { count: props.places })} />
          </Match>
        </Switch>
      </div>
    </>
  );
}

function NoSuchPage(props: { onFirst: () => void }) {
  return (
    <EmptyState
      kind="no-match"
      title="Page not found"
      text="The list has fewer pages."
      action={
        <button class="button" type="button" onClick={() => props.onFirst()}>
          Go to first page
        </button>
      }
    />
  );
}
