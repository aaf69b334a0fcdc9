import { clientVariables } from "../../lib/connect.ts";
import { CopyButton } from "../../ui/copy-button.tsx";

/** What connects an orchestrator to a controller on this machine, for whoever has nothing but its repository. */
export function ExampleCommand() {
  return <Command text="npm run connect -- org-002" />;
}

/** What starts the Python client against this controller. */
export function ConnectCommand(props: { orchestratorId: string; agentToken?: string | null }) {
  const command = () => {
    const variables = clientVariables(props.orchestratorId, location, props.agentToken ?? null);
    return `${variables.join(" ")} python -m orchestrator.app.ws_client`;
  };
  return <Command text={command()} />;
}

function Command(props: { text: string }) {
  return (
    <div class="command">
      <code>{props.text}</code>
      <CopyButton text={props.text} label="Copy" />
    </div>
  );
}
