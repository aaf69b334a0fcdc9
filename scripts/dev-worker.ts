import { buildIfMissing } from "./lib/build-assets.ts";
import { keepRunning, startController } from "./lib/dev-server.ts";
import { startFront } from "./lib/front.ts";
import { assertPortFree, portFrom } from "./lib/ports.ts";
import { runMain, untilStopped } from "./lib/project.ts";
import { announce } from "./lib/running.ts";
import { databaseSettings, prepareDevVars, readDevVars, withRunning } from "./lib/settings.ts";

/** `npm start` without the database, and without building the dashboard. Arguments go to `wrangler dev`. */
await runMain(async () => {
  const { port, wranglerArgs } = withoutPort(process.argv.slice(2));
  for (const line of prepareDevVars()) console.log(line);
  const { endpoint } = withRunning(databaseSettings(readDevVars()));
  const stopped = untilStopped().then(() => console.log("Stopping…"));
  const retract = announce({ port });
  try {
    await assertPortFree(port, "the Worker", "PORT=8788 npm run dev:worker");
    await buildIfMissing("silent");
    const front = await startFront(port);
    const onReady = () => console.log(`The Worker is ready on http://127.0.0.1:${port}. Ctrl-C stops it.`);
    await keepRunning(() => startController({ front, endpoint, wranglerArgs }), stopped, onReady);
    await front.close();
  } finally {
    retract();
  }
});

/** wrangler listens behind the port that its options name. */
function withoutPort(args: string[]): { port: number; wranglerArgs: string[] } {
  const place = args.findIndex((arg) => /^--port(=|$)/.test(arg));
  if (place === -1) return { port: portFrom(process.env.PORT || "8787"), wranglerArgs: args };
  const [inside] = args[place]?.split("=").slice(1) ?? [];
  const port = portFrom(inside ?? args[place + 1] ?? "");
  return { port, wranglerArgs: args.toSpliced(place, inside === undefined ? 2 : 1) };
}
