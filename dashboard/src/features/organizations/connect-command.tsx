import { CopyButton } from "../../ui/copy-button.tsx";

/** What starts the Python client as this orchestrator against this controller, as the README says. */
export function connectCommand(orchestratorId: string, origin: string, agentToken: string | null): string {
  const { protocol, host } = new URL(origin);
  const isSecure = protocol === "https:";
  const credential = agentToken === null ? "" : `${orchestratorId}:${agentToken}@`;
  const variables = [
    `ORCHESTRATOR_ID=${orchestratorId}`,
    `CONTROLLER_WS_URL=${isSecure ? "wss" : "ws"}://${credential}${host}/ws`,
    "ORCHESTRATOR_HTTP_ENABLED=false",
    // Otherwise it speaks plain text to the TLS port.
    ...(isSecure ? ["SSL_DISABLED=false"] : []),
  ];
  return `${variables.join(" ")} python -m orchestrator.app.ws_client`;
}

export function ConnectCommand(props: { orchestratorId: string; agentToken?: string | null }) {
  const command = () => connectCommand(props.orchestratorId, location.origin, props.agentToken ?? null);
  return (
    <div class="command">
      <code>{command()}</code>
      <CopyButton text={command()} label="Copy" />
    </div>
  );
}
