import { Match, Switch } from "solid-js";
import { isDevelopment } from "../../../lib/api.ts";
import { ExampleCommand } from "../../../ui/connect-command.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { mayAdminister } from "../../session/session.ts";

interface NothingProps {
  why: "forbidden" | "no-match" | "nothing-yet";
  /** The filter, as it was typed. */
  text: string;
  onReset: () => void;
  onAdd: () => void;
}

/** What stands in the place of the list. */
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

/** Nothing has ever connected: how to change that. In production a token comes first, and with it the command. */
function NothingYet(props: { onAdd: () => void }) {
  return (
    <EmptyState
      kind="nothing-yet"
      title="No organizations yet"
      text={
        isDevelopment()
          ? "An orchestrator that connects brings its organization along, and appears here by itself. This starts an example, in the folder of the repository:"
          : "Add one, and you get the command that connects its orchestrator."
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

function NotPermitted() {
  return (
    <EmptyState
      kind="forbidden"
      title="Not for your role"
      text="Your account may not see organizations. An administrator can change that."
    />
  );
}
