import { clientVariables } from "../../lib/connect.ts";
import { CopyButton } from "../../ui/copy-button.tsx";

/** What starts the Python client against this controller. */
export function ConnectCommand(props: { orchestratorId: string; agentToken?: string | null }) {
  const command = () => {
    const variables = clientVariables(props.orchestratorId, location, props.agentToken ?? null);
    return `${variables.join(" ")} python -m orchestrator.app.ws_client`;
  };
  return (
    <div class="command">
      <code>{command()}</code>
      <CopyButton text={command()} label="Copy" />
    </div>
  );
}
