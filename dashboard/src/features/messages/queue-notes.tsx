import { createMemo, Show } from "solid-js";
import { plural } from "../../lib/numbers.ts";
import { useFleet } from "../../live/context.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { isFiltered, type MessageFilter, type MessageStatus } from "./filter.ts";
import { INDEPENDENT } from "./place-words.ts";

/** Whose messages are hidden: by ID within an organization, otherwise only the number of orchestrators. */
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
              {count() === 1 ? "its" : "their"} messages are hidden.
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
    title: "No pending messages",
    text: "Recommendations and monitoring reports from orchestrators appear here as they arrive.",
  },
  accepted: { title: "No accepted messages", text: "Messages that you or others accept appear here." },
  dismissed: { title: "No dismissed messages", text: "Messages that you or others dismiss appear here." },
};

/** An empty queue: there are no messages, or none match the filter. */
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
        title="No matching messages"
        text={"Change or reset the filters."}
        action={
          <button class="button" type="button" onClick={() => props.onReset()}>
            Reset filters
          </button>
        }
      />
    </Show>
  );
}
