/** Where the controller is, as in `location`. */
export interface Place {
  protocol: string;
  host: string;
}

/** Where an orchestrator connects to; its token goes along as a password. */
export function connectUrl(orchestratorId: string, { protocol, host }: Place, agentToken: string | null): string {
  const credential = agentToken === null ? "" : `${orchestratorId}:${agentToken}@`;
  return `${protocol === "https:" ? "wss" : "ws"}://${credential}${host}/ws`;
}

/** What starts the Python client as this orchestrator, as the README says; one variable each. */
export function clientVariables(orchestratorId: string, place: Place, agentToken: string | null): string[] {
  return [
    `ORCHESTRATOR_ID=${orchestratorId}`,
    `CONTROLLER_WS_URL=${connectUrl(orchestratorId, place, agentToken)}`,
    "ORCHESTRATOR_HTTP_ENABLED=false",
    // Otherwise it speaks plain text to the TLS port.
    ...(place.protocol === "https:" ? ["SSL_DISABLED=false"] : []),
  ];
}
