import { createStore } from "solid-js/store";
import { api, ask } from "../../lib/api.ts";
import { toFailure } from "../../lib/failure.ts";

interface Wish {
  wanted: boolean;
  isAnswered: boolean;
}

/** How long an answered wish is shown while what the page knows is still older. */
const SETTLE_MS = 15_000;

const [wishes, setWishes] = createStore<Record<string, Wish | undefined>>({});

/** Whether to show it as independent: what was asked for counts until the controller has refused it. */
export function shownIndependence(orchestratorId: string, known: boolean): boolean {
  return wishes[orchestratorId]?.wanted ?? known;
}

export function isIndependencePending(orchestratorId: string): boolean {
  const wish = wishes[orchestratorId];
  return wish !== undefined && !wish.isAnswered;
}

/** What the page knows has caught up with the answer. */
export function settleIndependence(orchestratorId: string, known: boolean): void {
  const wish = wishes[orchestratorId];
  if (wish?.isAnswered && wish.wanted === known) setWishes(orchestratorId, undefined);
}

/**
 * Shows the wish at once, and takes it back when the controller refuses; then throws a `Failure`. "late": it is done
 * and will be recorded when the database answers again.
 */
export async function changeIndependence(
  orchestratorId: string,
  change: { isIndependent: boolean; privacyMode?: boolean },
): Promise<"done" | "late"> {
  const wish: Wish = { wanted: change.isIndependent, isAnswered: false };
  setWishes(orchestratorId, wish);
  const isMine = () => wishes[orchestratorId]?.wanted === wish.wanted;
  const answered = () => {
    if (isMine()) setWishes(orchestratorId, { wanted: wish.wanted, isAnswered: true });
    setTimeout(() => settleIndependence(orchestratorId, wish.wanted), SETTLE_MS);
  };
  try {
    await putIndependence(orchestratorId, change);
    answered();
    return "done";
  } catch (error) {
    const failure = toFailure(error);
    if (failure.isAccepted) {
      answered();
      return "late";
    }
    if (isMine()) setWishes(orchestratorId, undefined);
    throw failure;
  }
}

async function putIndependence(
  orchestratorId: string,
  { isIndependent, privacyMode }: { isIndependent: boolean; privacyMode?: boolean },
) {
  return await ask(
    api.PUT("/api/v1/internal/orchestrators/{orchestrator_id}/independence", {
      params: { path: { orchestrator_id: orchestratorId } },
      body: { is_independent: isIndependent, ...(privacyMode !== undefined && { privacy_mode: privacyMode }) },
    }),
  );
}
