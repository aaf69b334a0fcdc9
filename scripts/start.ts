import { parseArgs } from "node:util";
import { secretsKeyBytes } from "../worker/platform/secrets.ts";
import { readSettings } from "../worker/platform/settings.ts";
import { build } from "./lib/build-assets.ts";
import { onDatabase, prepareDatabase, startLocalDatabase } from "./lib/database.ts";
import { keepRunning, objectsProblem, startController } from "./lib/dev-server.ts";
import { startFront } from "./lib/front.ts";
import { assertPortFree, portFrom, portOf } from "./lib/ports.ts";
import { runMain, untilStopped } from "./lib/project.ts";
import { readyBlock } from "./lib/ready-block.ts";
import { announce } from "./lib/running.ts";
import { type DevVars, databaseSettings, prepareDevVars, readDevVars, withPort } from "./lib/settings.ts";

/** `npm start [-- --port 8787] [--database-port 5488]`; PORT and DATABASE_PORT in the environment do the same. */
await runMain(async () => {
  const { values } = parseArgs({ options: { port: { type: "string" }, "database-port": { type: "string" } } });
  const port = portFrom(values.port ?? (process.env.PORT || "8787"));
  for (const line of prepareDevVars()) console.log(line);
  const vars = readDevVars();
  assertSettings(vars);
  const database = withPort(
    databaseSettings(vars),
    values["database-port"] ?? (process.env.DATABASE_PORT || undefined),
  );
  if (database.endpoint !== undefined && portOf(database.endpoint) === port) {
    throw new Error(
      `The controller and its database cannot both listen on port ${port}. Give one of them another port: PORT or DATABASE_PORT.`,
    );
  }

  let isStopping = false;
  const stopped = untilStopped().then(() => {
    isStopping = true;
    console.log("Stopping…");
  });
  const stack: { close(): Promise<void> }[] = [];
  const retract = announce({ port, endpoint: database.endpoint });
  try {
    await assertPortFree(port, "the controller", "npm start -- --port 8788");
    if (database.endpoint)
      await assertPortFree(portOf(database.endpoint), "the database", "npm start -- --database-port 5489");
    console.log("Starting the database, the dashboard and the Worker…");
    if (database.endpoint) stack.push(await startLocalDatabase(portOf(database.endpoint), database.postgres));
    const { applied } = await onDatabase(database, () => prepareDatabase(database));
    if (applied.length > 0) console.log(`Applied migrations: ${applied.join(", ")}.`);
    if (isStopping) return;
    await build("silent");
    if (isStopping) return;
    const url = `http://127.0.0.1:${port}`;
    const onReady = async () => {
      console.log(readyBlock(url, vars, database));
      const problem = await objectsProblem(url, vars.DEV_BEARER_TOKEN ?? "");
      if (problem !== null) console.error(problem);
    };
    const front = await startFront(port);
    stack.push(front);
    await keepRunning(() => startController({ front, endpoint: database.endpoint }), stopped, onReady);
  } finally {
    for (const part of stack.toReversed()) await part.close();
    retract();
  }
});

/** With an invalid setting the Worker would start and refuse everything, and /health would not name the setting. */
function assertSettings(vars: DevVars): void {
  const { errors: problems, warnings } = readSettings(vars, "development");
  for (const warning of warnings) console.warn(`.dev.vars: ${warning}.`);
  try {
    // In development it may be missing, because only single sign-on needs it. It may not be invalid.
    if (vars.SECRETS_KEY) secretsKeyBytes(vars.SECRETS_KEY);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  if (problems.length > 0)
    throw new Error(`.dev.vars: ${problems.join("; ")}. docs/settings.md lists the allowed values.`);
}
