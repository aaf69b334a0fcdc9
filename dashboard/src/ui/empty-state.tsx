import type { JSX } from "solid-js";

interface EmptyStateProps {
  /** Nothing exists, nothing matches what was asked for, or the role may not see it: three different sentences. */
  kind: "nothing-yet" | "no-match" | "forbidden";
  title: string;
  text: string;
  /** How to change that: a command to copy, a reset, a button. */
  action?: JSX.Element;
  /** For who moves the focus there. */
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
