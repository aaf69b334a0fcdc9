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
  /** Places that stand for rows while it is loading. */
  places?: number;
  /** Instead of a list without any entry. */
  empty: JSX.Element;
  children: (items: readonly T[]) => JSX.Element;
}

/** A list by pages, in every state that it may be in. */
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
      title="There is no such page"
      text="There are fewer entries than that."
      action={
        <button class="button" type="button" onClick={() => props.onFirst()}>
          Show the first page
        </button>
      }
    />
  );
}
