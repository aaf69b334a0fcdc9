import type { Message } from "./api.ts";
import { UNDO_MS } from "./decisions.ts";
import type { MessageType } from "./filter.ts";
import type { Place } from "./queue-model.ts";

export const INDEPENDENT = "This orchestrator operates independently";

export const TYPE_WORDS: Record<MessageType, string> = {
  recommendation: "Recommendation",
  monitoring: "Monitoring report",
};

export const DECISION_WORDS = { accepted: "Accepted", dismissed: "Dismissed" };

/** "user:ada" → "ada", "agent:edge-1" → "orchestrator edge-1". */
export function whoDecided(actor: string | null): string {
  if (actor === null) return "an unknown user";
  const name = actor.slice(actor.indexOf(":") + 1);
  return actor.startsWith("agent:") ? `orchestrator ${name}` : name;
}

/** The outcome of a message in a few words; null while it is pending. */
export function placeWords(place: Place, now: number): string | null {
  switch (place.kind) {
    case "open":
      return null;
    case "independent":
      return INDEPENDENT;
    case "gone":
      return "Deleted: the orchestrator was deregistered";
    case "decided": {
      const { status, decided_by } = place.message;
      return status === "pending" ? null : `${DECISION_WORDS[status]} by ${whoDecided(decided_by)}`;
    }
    case "mine":
      return choiceWords(place.choice, now);
  }
}

function choiceWords(choice: Extract<Place, { kind: "mine" }>["choice"], now: number): string {
  const word = DECISION_WORDS[choice.decision];
  switch (choice.phase) {
    case "waiting":
      return Number.isFinite(choice.dueAt)
        ? `${word}, sending in ${secondsTo(choice.dueAt, now)} s`
        : `${word}, not sent yet`;
    case "sending":
      return `${word}, sending…`;
    case "sent":
      return `${word} by you`;
    case "refused":
      return `Not ${word.toLowerCase()}`;
  }
}

/** The clock of the page may lag slightly. */
export function secondsTo(dueAt: number, now: number): number {
  return Math.min(Math.max(1, Math.ceil((dueAt - now) / 1000)), UNDO_MS / 1000);
}

/** The delivery status of a message. */
export function deliveryWords(message: Message): string {
  if (message.direction === "inbound") return "Received";
  return message.delivered_at === null ? "Not confirmed" : "Delivered";
}

/** The consequences of accepting. What the message means is up to the orchestrator. */
export function acceptWords(message: Message, link: { isConnected: boolean; isIndependent: boolean }): string {
  const id = message.orchestrator_id;
  const when = link.isIndependent ? "when it is managed again" : link.isConnected ? "at once" : "when it connects";
  const what =
    message.direction === "inbound"
      ? "The controller itself does not act on it."
      : "The orchestrator can also decide; the first decision counts.";
  return `${id} receives your decision ${when}. ${what} Decisions are final once sent.`;
}
