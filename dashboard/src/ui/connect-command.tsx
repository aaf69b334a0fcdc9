import { clientVariables } from "../lib/connect.ts";
import { CopyButton } from "./copy-button.tsx";

/** The command that connects an example orchestrator to a controller on this machine, from its repository. */
export function ExampleCommand() {
  return <Command text="npm run connect -- org-002" />;
}

/** The environment variables of the Python client. Not a command, because a token in it would stay in the shell history. */
export function ClientEnvironment(props: { orchestratorId: string; agentToken: string | null }) {
  return <Command text={clientVariables(props.orchestratorId, location, props.agentToken).join("\n")} />;
}

function Command(props: { text: string }) {
  return (
    <div class="command">
      <code>{props.text}</code>
      <CopyButton text={props.text} label="Copy" />
    </div>
  );
}
