import { parseArgs } from "node:util";
import { runExample } from "./lib/connect/run.ts";
import { idFrom, targetFrom } from "./lib/connect/target.ts";
import { readSecret } from "./lib/password-prompt.ts";
import { runMain, untilStopped } from "./lib/project.ts";
import { localController } from "./lib/running.ts";

/** A small orchestrator that speaks the real protocol: `lib/connect/session.ts` is written to be read as an example of it. */
await runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { url: { type: "string" }, name: { type: "string" }, token: { type: "boolean", default: false } },
  });
  if (positionals.some((word) => word.startsWith("mca_")))
    throw new Error(
      "A token does not belong on a command line, which logs keep: set AGENT_TOKEN, or let --token ask for it.",
    );
  const address = values.url ?? (process.env.CONTROLLER_WS_URL || localController());
  const id = idFrom(positionals, address);
  const token = values.token ? await readSecret("Token: ") : process.env.AGENT_TOKEN;
  const target = targetFrom(address, token);

  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  await runExample({ id, name: values.name, target, say, stop: stop.signal });
});

function say(line: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
