import { clientVariables, connectUrl, type Place } from "../../lib/connect.ts";
import type { SecretLine } from "../../ui/secret-dialog.tsx";

/** A token on a command line would stay in the history of the shell, and be seen in the list of processes. */
const ASK_FOR_TOKEN = `{ printf 'Token: ' >&2; read -rs T; printf 'Authorization: Bearer %s' "$T"; }`;

export function agentSecret(orchestratorId: string, agentToken: string, place: Place): SecretLine[] {
  return [
    { label: "Address to connect to", text: connectUrl(orchestratorId, place, agentToken) },
    {
      label: "Environment of the Python client",
      text: clientVariables(orchestratorId, place, agentToken).join("\n"),
    },
    { label: "Token alone", text: agentToken },
  ];
}

/** `orchestratorId` null: whoever joins puts in its own. */
export function joinSecret(joinToken: string, orchestratorId: string | null, { protocol, host }: Place): SecretLine[] {
  const command = [
    `${ASK_FOR_TOKEN} | curl -X POST -H @-`,
    "-H 'Content-Type: application/json'",
    `-d '${JSON.stringify({ orchestrator_id: orchestratorId ?? "ORCHESTRATOR_ID" })}'`,
    `${protocol}//${host}/api/v1/internal/orchestrators/join`,
  ];
  return [
    { label: "Token", text: joinToken },
    { label: "Command that asks for the token and joins", text: command.join(" \\\n  ") },
  ];
}

/** `isForScreen`: it can only read, and it ends. */
export function apiSecret(apiToken: string, { protocol, host }: Place, isForScreen = false): SecretLine[] {
  const screen = { label: "Address of a wall screen", text: `${protocol}//${host}/wall#token=${apiToken}` };
  const command = [`${ASK_FOR_TOKEN} | curl -H @-`, `${protocol}//${host}/api/v1/controller/organizations`];
  return [
    { label: "Token", text: apiToken },
    { label: "Command that asks for the token and tries it", text: command.join(" \\\n  ") },
    ...(isForScreen ? [screen] : []),
  ];
}
