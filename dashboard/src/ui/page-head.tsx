import { useLocation } from "@solidjs/router";
import { createEffect, type JSX, onCleanup, onMount, Show } from "solid-js";
import { isNewPlace, leavePlace } from "../lib/arrival.ts";
import { formatCount } from "../lib/numbers.ts";
import { setPageTitle } from "../lib/title.ts";

interface PageHeadProps {
  title: string;
  count?: number | null | undefined;
  /** What the count refers to, for screen readers; defaults to "in this list". */
  countHint?: string;
  /** Content beside the title, for example a badge. */
  beside?: JSX.Element;
  /** Actions at the end of the row. */
  children?: JSX.Element;
}

/** The heading of a page. It sets the document title and gets the focus after navigation. */
export function PageHead(props: PageHeadProps) {
  const location = useLocation();
  let heading: HTMLHeadingElement | undefined;
  createEffect(() => setPageTitle(props.title));
  onMount(() => {
    if (isNewPlace(location.pathname)) heading?.focus({ preventScroll: true });
  });
  onCleanup(() => heading === document.activeElement && leavePlace());

  return (
    <div class="page-head">
      <h1 ref={heading} tabindex="-1">
        <bdi>{props.title}</bdi>
      </h1>
      <Show when={props.count != null}>
        <span class="count">
          <span class="number">{formatCount(props.count ?? 0)}</span>
          <span class="sr-only"> {props.countHint ?? "in this list"}</span>
        </span>
      </Show>
      {props.beside}
      <Show when={props.children}>
        <div class="page-actions">{props.children}</div>
      </Show>
    </div>
  );
}
