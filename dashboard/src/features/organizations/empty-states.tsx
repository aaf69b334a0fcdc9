import { EmptyState } from "../../ui/empty-state.tsx";
import { mayAdminister } from "../session/session.ts";
import { ConnectCommand } from "./connect-command.tsx";

/** Nothing has ever connected: how to change that. */
export function NothingYet(props: { onAdd: () => void }) {
  return (
    <EmptyState
      kind="nothing-yet"
      title="No organizations yet"
      text="An orchestrator that connects brings its organization along. It appears here by itself."
      action={
        <>
          <ConnectCommand orchestratorId="org-002" />
          {mayAdminister() && (
            <button class="button" data-kind="primary" type="button" onClick={() => props.onAdd()}>
              Add organization
            </button>
          )}
        </>
      }
    />
  );
}

export function NothingMatches(props: { text: string; onReset: () => void }) {
  return (
    <EmptyState
      kind="no-match"
      title="Nothing matches"
      text={`No organization answers to “${props.text}”.`}
      action={
        <button class="button" type="button" onClick={() => props.onReset()}>
          Show all organizations
        </button>
      }
    />
  );
}

export function NotPermitted() {
  return (
    <EmptyState
      kind="forbidden"
      title="Not for your role"
      text="Your account may not see organizations. An administrator can change that."
    />
  );
}
