import { For } from "solid-js";

interface SkeletonProps {
  /** What is being loaded: "organizations". */
  what: string;
  /** "rows" have the height of the density setting; "cards" and "block" are panels. */
  kind?: "rows" | "cards" | "block";
  count?: number;
}

/** Placeholders in the final height. They appear after 150 ms, so a quick answer shows none. */
export function Skeleton(props: SkeletonProps) {
  const places = () => Array.from({ length: props.count ?? (props.kind === "block" ? 1 : 6) }, (_, index) => index);
  return (
    <div class="skeleton" data-kind={props.kind ?? "rows"}>
      <p class="sr-only" role="status">
        Loading {props.what}
      </p>
      <For each={places()}>{() => <div class="skeleton-place" />}</For>
    </div>
  );
}
