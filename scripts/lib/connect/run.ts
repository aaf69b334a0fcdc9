import { setTimeout } from "node:timers/promises";
import { CLOSE } from "../../../worker/contract/values/codes.ts";
import { newMemory, Session } from "./session.ts";
import type { Target } from "./target.ts";
import { pauseMs, verdictOn } from "./verdict.ts";

export interface Example {
  id: string;
  /** What it calls itself; absent: nothing. */
  name?: string | undefined;
  target: Target;
  say: (line: string) => void;
  /** Aborted when it is to stop. */
  stop: AbortSignal;
}

/** Keeps an orchestrator connected until it is told to stop. Throws a sentence when connecting again would not help. */
export async function runExample({ id, name, target, say, stop }: Example): Promise<void> {
  const memory = newMemory(id, name, Date.now());
  let failures = 0;
  while (!stop.aborted) {
    say(`Connecting to ${target.url} as ${id}…`);
    const session = new Session(target, memory, say);
    const close = () => session.close();
    stop.addEventListener("abort", close, { once: true });
    const end = await session.ended;
    stop.removeEventListener("abort", close);
    if (stop.aborted) {
      const isGoodbye = end.kind === "closed" && end.code === CLOSE.normal;
      return say(isGoodbye ? "Said goodbye. The controller shows it as inactive." : "Stopped, without a connection.");
    }

    const verdict = verdictOn(end);
    if (verdict.kind === "stop") throw new Error(verdict.why);
    failures = end.wasHeard ? 0 : failures + 1;
    const waitMs = Math.max(verdict.afterMs ?? 0, pauseMs(failures, memory.reconnect));
    say(`${verdict.why} Trying again in ${(waitMs / 1000).toFixed(1)} s.`);
    await setTimeout(waitMs, undefined, { signal: stop }).catch(() => {});
  }
  say("Stopped, without a connection.");
}
