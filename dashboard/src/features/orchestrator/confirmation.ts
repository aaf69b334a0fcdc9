import { api, ask } from "../../lib/api.ts";

/** After the last attempt, the orchestrator counts as one that does not confirm, like the original client. */
const ATTEMPTS_AFTER_MS = [300, 700, 1500, 3000, 5000];
const NEWEST = 50;

/** Whether the orchestrator has confirmed the setting since `sinceAt`. */
export async function waitForConfirmation(
  orchestratorId: string,
  isIndependent: boolean,
  sinceAt: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (const delayMs of ATTEMPTS_AFTER_MS) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (signal.aborted) return false;
    const entries = await readActivity(orchestratorId, signal).catch(() => []);
    // Allows for clock differences; a minute is more than enough.
    const since = entries.filter((entry) => Date.parse(entry.timestamp) > sinceAt - 60_000);
    const changedIndex = since.findIndex((entry) => entry.type === "independence");
    const newer = changedIndex === -1 ? since : since.slice(0, changedIndex);
    const isConfirmed = newer.some(
      (entry) => entry.type === "independence_ack" && entry.data.is_independent === isIndependent,
    );
    if (isConfirmed) return true;
  }
  return false;
}

async function readActivity(orchestratorId: string, signal: AbortSignal) {
  const params = { path: { orchestrator_id: orchestratorId }, query: { limit: NEWEST } };
  return (await ask(api.GET("/api/v1/controller/orchestrators/{orchestrator_id}/activity", { params, signal }))).data
    .items;
}
