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

/** "user:ada" → "ada"; an orchestrator is named as one. */
export function whoDecided(actor: string | null): string {
  if (actor === null) return "somebody";
  const name = actor.slice(actor.indexOf(":") + 1);
  return actor.startsWith("agent:") ? `orchestrator ${name}` : name;
}

/** What became of a message, in few words; null while it is open. */
export function placeWords(place: Place, now: number): string | null {
  switch (place.kind) {
    case "open":
      return null;
    case "independent":
      return INDEPENDENT;
    case "gone":
      return "Gone: its orchestrator was deregistered";
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
        ? `${word}, sent in ${secondsTo(choice.dueAt, now)} s`
        : `${word}, not sent yet`;
    case "sending":
      return `${word}, sending…`;
    case "sent":
      return `${word} by you`;
    case "refused":
      return `Not ${word.toLowerCase()}`;
  }
}

/** The clock of the page may be a little behind. */
export function secondsTo(dueAt: number, now: number): number {
  return Math.min(Math.max(1, Math.ceil((dueAt - now) / 1000)), UNDO_MS / 1000);
}

/** Where the message is on its way. */
export function deliveryWords(message: Message): string {
  if (message.direction === "inbound") return "Received";
  return message.delivered_at === null ? "Not confirmed yet" : "Delivered";
}

/** What follows from accepting; the orchestrator decides what it makes of it. */
export function acceptWords(message: Message, link: { isConnected: boolean; isIndependent: boolean }): string {
  const id = message.orchestrator_id;
  const when = link.isIndependent
    ? "once it no longer operates independently"
    : link.isConnected
      ? "at once"
      : "at its next handshake, because it is not connected";
  const what =
    message.direction === "inbound"
      ? "The controller itself changes nothing."
      : "It may decide by itself as well; the first decision counts.";
  return `When you accept, ${id} is told ${when}. ${what} Once it is sent, a decision stands.`;
}
