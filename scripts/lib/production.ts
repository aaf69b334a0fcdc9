/**
 * Throws if NODE_ENV has another value than "production". `command` always builds for production, and the value says that
 * the user expects something else, such as a deployment for development.
 */
export function assertProduction(command: string, nodeEnv: string | undefined): void {
  if (nodeEnv === undefined || nodeEnv === "" || nodeEnv === "production") return;
  throw new Error(
    `NODE_ENV is "${nodeEnv}", but ${command} always builds for production, also for a staging copy. Unset NODE_ENV and run it again.`,
  );
}
