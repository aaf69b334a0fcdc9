/**
 * Refuses to go on under another NODE_ENV than that of production, which `command` always makes: whoever set it expects
 * something else, such as a deployment for development.
 */
export function assertProduction(command: string, nodeEnv: string | undefined): void {
  if (nodeEnv === undefined || nodeEnv === "" || nodeEnv === "production") return;
  throw new Error(
    `NODE_ENV is "${nodeEnv}", but ${command} always builds for production, also for a staging copy. Unset NODE_ENV and run it again.`,
  );
}
