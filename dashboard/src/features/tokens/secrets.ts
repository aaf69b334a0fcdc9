import { clientVariables, connectUrl, type Place } from "../../lib/connect.ts";

/** A text to copy, under its name. */
export interface SecretLine {
  label: string;
  text: string;
}

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
    `curl -X POST ${protocol}//${host}/api/v1/internal/orchestrators/join`,
    `-H 'Authorization: Bearer ${joinToken}'`,
    "-H 'Content-Type: application/json'",
    `-d '${JSON.stringify({ orchestrator_id: orchestratorId ?? "ORCHESTRATOR_ID" })}'`,
  ];
  return [
    { label: "Command that joins", text: command.join(" \\\n  ") },
    { label: "Token alone", text: joinToken },
  ];
}

/** `isForScreen`: it can only read, and it ends. */
export function apiSecret(apiToken: string, { protocol, host }: Place, isForScreen = false): SecretLine[] {
  const screen = { label: "Address of a wall screen", text: `${protocol}//${host}/wall#token=${apiToken}` };
  return [
    { label: "Token", text: apiToken },
    {
      label: "To try it",
      text: `curl -H 'Authorization: Bearer ${apiToken}' \\\n  ${protocol}//${host}/api/v1/controller/organizations`,
    },
    ...(isForScreen ? [screen] : []),
  ];
}
