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

/** Refuses options of wrangler that would deploy something of development. */
export function assertDeployable(options: string[]): void {
  const of = (...names: string[]) =>
    options.flatMap((option, index) => {
      const [name = "", value] = option.split(/=(.*)/s);
      return names.includes(name) ? [value ?? options[index + 1] ?? ""] : [];
    });
  if (of("--define").length > 0) {
    throw new Error(
      "npm run deploy takes no --define: wrangler.toml says which build is deployed, the one for production.",
    );
  }
  const development = of("--var").find((value) => value.startsWith("DEV_"));
  if (development !== undefined) {
    throw new Error(
      `${development.split(":")[0]} is a setting of development, and a production build refuses every request while it has one. Leave it out.`,
    );
  }
}
