import { createMemo, Show } from "solid-js";
import { plural } from "../../lib/numbers.ts";
import { useFleet } from "../../live/context.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { isFiltered, type MessageFilter, type MessageStatus } from "./filter.ts";
import { INDEPENDENT } from "./place-words.ts";

/** Whose messages are not shown: by name within an organization, else how many there are. */
export function Independents(props: { organizationId: string | undefined }) {
  const fleet = useFleet();
  return (
    <Show
      when={props.organizationId}
      fallback={
        <Show when={fleet.counts().byStatus.independent}>
          {(count) => (
            <p class="hint msg-independents">
              {plural(count(), "orchestrator operates", "orchestrators operate")} independently;{" "}
              {count() === 1 ? "its" : "their"} messages are not shown.
            </p>
          )}
        </Show>
      }
    >
      {(organizationId) => <IndependentMembers organizationId={organizationId()} />}
    </Show>
  );
}

function IndependentMembers(props: { organizationId: string }) {
  const fleet = useFleet();
  const ids = createMemo(() =>
    fleet.membersOf(props.organizationId).filter((id) => fleet.row(id)?.is_independent === true),
  );
  return (
    <Show when={ids().length > 0}>
      <p class="notice msg-independents" data-tone="independent">
        <span>
          {INDEPENDENT}: <strong>{ids().join(", ")}</strong>
        </span>
      </p>
    </Show>
  );
}

const NOTHING: Record<MessageStatus, { title: string; text: string }> = {
  pending: {
    title: "Nothing to decide",
    text: "Recommendations and monitoring reports of orchestrators appear here as they come.",
  },
  accepted: { title: "Nothing accepted yet", text: "What you and others accept is kept here." },
  dismissed: { title: "Nothing dismissed yet", text: "What you and others dismiss is kept here." },
};

/** An empty queue: there is nothing, or nothing like that. */
export function Nothing(props: {
  status: MessageStatus;
  filter: MessageFilter;
  isBound: boolean;
  onReset: () => void;
}) {
  const filters = () => (props.isBound ? { ...props.filter, organizationId: "" } : props.filter);
  return (
    <Show
      when={isFiltered({ ...filters(), includeIndependent: false })}
      fallback={<EmptyState kind="nothing-yet" {...NOTHING[props.status]} />}
    >
      <EmptyState
        kind="no-match"
        title="Nothing matches"
        text={`No ${props.status} message is like that.`}
        action={
          <button class="button" type="button" onClick={() => props.onReset()}>
            Reset filters
          </button>
        }
      />
    </Show>
  );
}
