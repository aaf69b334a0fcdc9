import type { ConfigState, Status } from "../../lib/api.ts";
import { URGENCY } from "../orchestrator/config-states.ts";

/** The state of the published revision at one orchestrator. */
export interface Rollout {
  orchestratorId: string;
  state: ConfigState;
  revision: number;
  error: string | null;
  /** The revision that the orchestrator last reported as applied. */
  running: number | null;
  /** When it entered its state. */
  since: number | null;
  connected: boolean;
  status: Status;
}

/** Most urgent first, then by ID. */
export function sortRollouts(rollouts: readonly Rollout[]): Rollout[] {
  const rank = ({ state }: Rollout) => URGENCY.indexOf(state);
  return rollouts.toSorted(
    (left, right) => rank(left) - rank(right) || left.orchestratorId.localeCompare(right.orchestratorId),
  );
}

/** Explains the state in a sentence. */
export function explainRollout(rollout: Rollout, published: number): string {
  const { state, revision, error, running, connected, status } = rollout;
  if (revision < published) return `Sending revision ${published}.`;
  switch (state) {
    case "none":
      return "No configuration has been sent.";
    case "queued":
      if (status === "independent") return "Waiting until the orchestrator is managed again.";
      return connected ? "Sending now." : "Waiting for the orchestrator to connect.";
    case "sent":
      return "Sent, not confirmed. Older clients never confirm.";
    case "applying":
      return "The orchestrator is applying it.";
    case "applied":
      return "Confirmed by the orchestrator.";
    case "unconfirmed":
      return connected
        ? "Confirmed in an earlier connection, but not in the current one."
        : "The orchestrator disconnected before confirming in this connection.";
    case "drifted":
      return running === null
        ? "The orchestrator reports a different configuration."
        : `The orchestrator reports revision ${running}.`;
    case "failed": {
      const reason = error ?? "The orchestrator could not apply it.";
      return running === null ? reason : `${reason} It still runs revision ${running}.`;
    }
  }
}

/** Whether the configuration can be sent now. */
export function canResend({ revision, connected, status }: Rollout): boolean {
  return revision > 0 && connected && status !== "independent";
}

/** "2 applied, 1 queued" of one revision, most urgent first. */
export function countStates(rollouts: readonly Rollout[]): { state: ConfigState; count: number }[] {
  return URGENCY.flatMap((state) => {
    const count = rollouts.filter((rollout) => rollout.state === state).length;
    return count > 0 ? [{ state, count }] : [];
  });
}

/** What publishing will do: one sentence for each group of orchestrators. */
export function forecastRollout(rollouts: readonly Pick<Rollout, "connected" | "status">[]): string[] {
  const independent = rollouts.filter(({ status }) => status === "independent").length;
  const connected = rollouts.filter(({ status, connected: isOpen }) => status !== "independent" && isOpen).length;
  const offline = rollouts.length - independent - connected;
  const lines: string[] = [];
  if (connected > 0)
    lines.push(
      connected === 1
        ? "1 connected orchestrator receives it at once."
        : `${connected} connected orchestrators receive it at once.`,
    );
  if (offline > 0)
    lines.push(
      offline === 1
        ? "1 is offline and receives it when it connects."
        : `${offline} are offline and receive it when they connect.`,
    );
  if (independent > 0)
    lines.push(
      independent === 1
        ? "1 operates independently and receives it when it is managed again."
        : `${independent} operate independently and receive it when they are managed again.`,
    );
  return lines.length > 0 ? lines : ["There are no orchestrators yet. The first one receives it when it connects."];
}
