import type { ConfigState, Status } from "../../lib/api.ts";
import { URGENCY } from "../orchestrator/config-states.ts";

/** How far the published revision has come with one orchestrator. */
export interface Rollout {
  orchestratorId: string;
  state: ConfigState;
  revision: number;
  error: string | null;
  /** The revision that it last said it had applied. */
  running: number | null;
  /** Since when it has been in that state. */
  since: number | null;
  connected: boolean;
  status: Status;
}

/** Most urgent first, equal ones by id. */
export function sortRollouts(rollouts: readonly Rollout[]): Rollout[] {
  const rank = ({ state }: Rollout) => URGENCY.indexOf(state);
  return rollouts.toSorted(
    (left, right) => rank(left) - rank(right) || left.orchestratorId.localeCompare(right.orchestratorId),
  );
}

/** Why it stands where it stands. */
export function explainRollout(rollout: Rollout, published: number): string {
  const { state, revision, error, running, connected, status } = rollout;
  if (revision < published) return `Revision ${published} is on its way.`;
  switch (state) {
    case "none":
      return "It has not been told of any configuration.";
    case "queued":
      if (status === "independent") return "Held back until it is managed again.";
      return connected ? "It is told in a moment." : "Waits until it connects.";
    case "sent":
      return "Sent, not confirmed. Some clients, such as the original one, never confirm.";
    case "applying":
      return "It says that it is applying it.";
    case "applied":
      return "It has confirmed it.";
    case "unconfirmed":
      return connected
        ? "An earlier connection confirmed it; this one has not said yet."
        : "It had applied it, or was applying it, before it disconnected.";
    case "drifted":
      return running === null
        ? "It says that it runs another configuration."
        : `It says that it runs revision ${running}.`;
    case "failed": {
      const reason = error ?? "It could not apply it.";
      return running === null ? reason : `${reason} It runs revision ${running}.`;
    }
  }
}

/** It can hear it now, and there is something to tell. */
export function canPush({ revision, connected, status }: Rollout): boolean {
  return revision > 0 && connected && status !== "independent";
}

/** "2 applied, 1 queued" of one revision, most urgent first. */
export function countStates(rollouts: readonly Rollout[]): { state: ConfigState; count: number }[] {
  return URGENCY.flatMap((state) => {
    const count = rollouts.filter((rollout) => rollout.state === state).length;
    return count > 0 ? [{ state, count }] : [];
  });
}

/** What happens on apply, before it happens: one sentence for each kind of orchestrator there is. */
export function forecastRollout(rollouts: readonly Pick<Rollout, "connected" | "status">[]): string[] {
  const independent = rollouts.filter(({ status }) => status === "independent").length;
  const connected = rollouts.filter(({ status, connected: isOpen }) => status !== "independent" && isOpen).length;
  const offline = rollouts.length - independent - connected;
  const lines: string[] = [];
  if (connected > 0)
    lines.push(
      connected === 1
        ? "1 connected orchestrator is told at once."
        : `${connected} connected orchestrators are told at once.`,
    );
  if (offline > 0)
    lines.push(
      offline === 1 ? "1 is offline and told when it connects." : `${offline} are offline and told when they connect.`,
    );
  if (independent > 0)
    lines.push(
      independent === 1
        ? "1 operates independently: it is held back until it is managed again."
        : `${independent} operate independently: it is held back until they are managed again.`,
    );
  return lines.length > 0 ? lines : ["No orchestrator yet: the first one is told when it connects."];
}
