/** The origin of the controller, as in `location`. */
export interface Place {
  protocol: string;
  host: string;
}

/** The URL that an orchestrator connects to, with its token as the password. */
export function connectUrl(orchestratorId: string, { protocol, host }: Place, agentToken: string | null): string {
  const credential = agentToken === null ? "" : `${orchestratorId}:${agentToken}@`;
  return `${protocol === "https:" ? "wss" : "ws"}://${credential}${host}/ws`;
}

/** The environment variables that make the Python client run as this orchestrator, as in the README. */
export function clientVariables(orchestratorId: string, place: Place, agentToken: string | null): string[] {
  return [
    `ORCHESTRATOR_ID=${orchestratorId}`,
    `CONTROLLER_WS_URL=${connectUrl(orchestratorId, place, agentToken)}`,
    "ORCHESTRATOR_HTTP_ENABLED=false",
    // Without it the client would use plain text on the TLS port.
    ...(place.protocol === "https:" ? ["SSL_DISABLED=false"] : []),
  ];
}
