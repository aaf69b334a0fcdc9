import { knownProblems } from "../platform/configured.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { noteScheduled } from "./last-run.ts";
import { reconcile } from "./reconcile.ts";
import { runRetention } from "./retention.ts";

/** The scheduled work. A part that fails does not keep the other from running; the next run repeats both. */
export async function runCron(env: Env, now: number): Promise<void> {
  const problems = knownProblems(env);
  if (problems.length > 0) return writeLog(env, "ERROR", "The settings are not valid", { problems });
  const parts: [name: string, work: () => Promise<object>][] = [
    ["reconcile", () => reconcile(env)],
    ["retention", () => runRetention(env, new Date(now))],
  ];
  let isDone = true;
  for (const [name, work] of parts) {
    try {
      writeLog(env, "INFO", `Scheduled ${name} finished`, { ...(await work()) });
    } catch (error) {
      isDone = false;
      writeLog(env, "ERROR", `Scheduled ${name} failed`, errorFields(error));
    }
  }
  if (isDone) await noteScheduled(env, now);
}
