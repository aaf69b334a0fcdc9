import { clientVariables } from "../lib/connect.ts";
import { CopyButton } from "./copy-button.tsx";

/** What connects an orchestrator to a controller on this machine, for whoever has nothing but its repository. */
export function ExampleCommand() {
  return <Command text="npm run connect -- org-002" />;
}

/** The environment with which the Python client connects. No command: a token in one would stay in the shell's history. */
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
