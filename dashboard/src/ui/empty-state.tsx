import type { JSX } from "solid-js";

interface EmptyStateProps {
  /** Whether nothing exists, nothing matches the filter, or the role has no access. */
  kind: "nothing-yet" | "no-match" | "forbidden";
  title: string;
  text: string;
  /** A way out: a command to copy, a reset, a button. */
  action?: JSX.Element;
  /** Receives the heading, so that the caller can focus it. */
  headingRef?: (heading: HTMLHeadingElement) => void;
}

export function EmptyState(props: EmptyStateProps) {
  return (
    <section class="panel empty" data-kind={props.kind}>
      <h2 ref={(heading) => props.headingRef?.(heading)} tabindex="-1">
        {props.title}
      </h2>
      <p>{props.text}</p>
      {props.action}
    </section>
  );
}
