import { Match, Switch } from "solid-js";
import { isDevelopment } from "../../../lib/api.ts";
import { ExampleCommand } from "../../../ui/connect-command.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { mayAdminister } from "../../session/session.ts";

interface NothingProps {
  why: "forbidden" | "no-match" | "nothing-yet";
  /** The filter as typed. */
  text: string;
  onReset: () => void;
  onAdd: () => void;
}

/** Replaces the list when it has no rows. */
export function Nothing(props: NothingProps) {
  return (
    <Switch>
      <Match when={props.why === "forbidden"}>
        <NotPermitted />
      </Match>
      <Match when={props.why === "no-match"}>
        <NothingMatches text={props.text} onReset={props.onReset} />
      </Match>
      <Match when={true}>
        <NothingYet onAdd={props.onAdd} />
      </Match>
    </Switch>
  );
}

/** There are no organizations yet: explains how to connect one. In production that needs a token first. */
function NothingYet(props: { onAdd: () => void }) {
  return (
    <EmptyState
      kind="nothing-yet"
      title="No organizations yet"
      text={
        isDevelopment()
          ? "Organizations appear here when their orchestrators connect. To start an example, run this in the repository:"
          : "Add an organization to get the command that connects its orchestrator."
      }
      action={
        <>
          {isDevelopment() && <ExampleCommand />}
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

function NothingMatches(props: { text: string; onReset: () => void }) {
  return (
    <EmptyState
      kind="no-match"
      title="No matching organizations"
      text={`No organization matches “${props.text}”.`}
      action={
        <button class="button" type="button" onClick={() => props.onReset()}>
          Show all organizations
        </button>
      }
    />
  );
}

function NotPermitted() {
  return (
    <EmptyState
      kind="forbidden"
      title="No access"
      text="Your account has no access to organizations. Ask an admin for access."
    />
  );
}
