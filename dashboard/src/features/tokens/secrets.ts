import { clientVariables, connectUrl, type Place } from "../../lib/connect.ts";
import type { SecretLine } from "../../ui/secret-dialog.tsx";

/** A token on a command line would stay in the shell history and show in the process list, so the command asks for it. */
const ASK_FOR_TOKEN = `{ printf 'Token: ' >&2; read -rs T; printf 'Authorization: Bearer %s' "$T"; }`;

export function agentSecret(orchestratorId: string, agentToken: string, place: Place): SecretLine[] {
  return [
    { label: "Connection URL", text: connectUrl(orchestratorId, place, agentToken) },
    {
      label: "Environment variables of the Python client",
      text: clientVariables(orchestratorId, place, agentToken).join("\n"),
    },
    { label: "Token", text: agentToken },
  ];
}

/** `orchestratorId` null: the user replaces the placeholder in the command. */
export function joinSecret(joinToken: string, orchestratorId: string | null, { protocol, host }: Place): SecretLine[] {
  const command = [
    `${ASK_FOR_TOKEN} | curl -X POST -H @-`,
    "-H 'Content-Type: application/json'",
    `-d '${JSON.stringify({ orchestrator_id: orchestratorId ?? "ORCHESTRATOR_ID" })}'`,
    `${protocol}//${host}/api/v1/internal/orchestrators/join`,
  ];
  return [
    { label: "Token", text: joinToken },
    { label: "Command to join", text: command.join(" \\\n  ") },
  ];
}

/** `isForScreen`: the token is read-only and has an expiry. */
export function apiSecret(apiToken: string, { protocol, host }: Place, isForScreen = false): SecretLine[] {
  const screen = { label: "Wall screen URL", text: `${protocol}//${host}/wall#token=${apiToken}` };
  const command = [`${ASK_FOR_TOKEN} | curl -H @-`, `${protocol}//${host}/api/v1/controller/organizations`];
  return [
    { label: "Token", text: apiToken },
    { label: "Command to try the token", text: command.join(" \\\n  ") },
    ...(isForScreen ? [screen] : []),
  ];
}
