import { createStore } from "solid-js/store";
import { api, ask } from "../../lib/api.ts";
import { toFailure } from "../../lib/failure.ts";

interface Wish {
  wanted: boolean;
  isAnswered: boolean;
}

/** How long a confirmed change is shown while the page still has older data. */
const SETTLE_MS = 15_000;

const [wishes, setWishes] = createStore<Record<string, Wish | undefined>>({});

/** Whether to show it as independent: a requested change counts until the controller refuses it. */
export function shownIndependence(orchestratorId: string, known: boolean): boolean {
  return wishes[orchestratorId]?.wanted ?? known;
}

export function isIndependencePending(orchestratorId: string): boolean {
  const wish = wishes[orchestratorId];
  return wish !== undefined && !wish.isAnswered;
}

/** Call when the data of the page may have caught up with the response. */
export function settleIndependence(orchestratorId: string, known: boolean): void {
  const wish = wishes[orchestratorId];
  if (wish?.isAnswered && wish.wanted === known) setWishes(orchestratorId, undefined);
}

/**
 * Shows the change at once; if the controller refuses, reverts it and throws a `Failure`. "late": the change is in
 * effect and will be stored when the database is available again.
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
