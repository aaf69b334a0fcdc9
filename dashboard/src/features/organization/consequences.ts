import type { components } from "../../lib/api-schema.d.ts";
import type { Failure } from "../../lib/failure.ts";
import { formatCount, plural } from "../../lib/numbers.ts";

type Impact = components["schemas"]["OrganizationImpact"];

export interface Leaving {
  organizationId: string;
  members: number;
  isOpen: boolean;
  /** undefined: not counted yet. */
  messages: number | undefined;
}

/** What goes with an orchestrator, one sentence each. */
export function deregisterConsequences(
  member: string,
  { organizationId, members, isOpen, messages }: Leaving,
): string[] {
  return [
    isOpen ? `The connection of ${member} is closed.` : `${member} is not connected now.`,
    messages === undefined
      ? "All of its messages are deleted."
      : `${plural(messages, "message is", "messages are")} deleted.`,
    "It is refused until it is registered again.",
    members === 1
      ? `It is the only orchestrator: organization ${organizationId} is deleted with it.`
      : `${plural(members - 1, "orchestrator stays", "orchestrators stay")} in ${organizationId}.`,
  ];
}

/** What goes with an organization, in numbers as far as they are known. */
export function deleteConsequences(impact: Impact | undefined, failure: Failure | null): string[] {
  return [...countConsequences(impact, failure), "Usage and audit stay.", "This cannot be undone."];
}

function countConsequences(impact: Impact | undefined, failure: Failure | null): string[] {
  if (!impact) {
    const all = "All of its orchestrators, messages and configurations are deleted.";
    return [all, failure ? `How many could not be counted: ${failure.message}.` : "Counting what goes with it…"];
  }
  return [
    `${plural(impact.orchestrators, "orchestrator is", "orchestrators are")} deregistered and refused from then on.`,
    `${plural(impact.connected_orchestrators, "open connection is", "open connections are")} closed.`,
    `${plural(impact.messages, "message is", "messages are")} deleted, ${formatCount(impact.pending_messages)} of them undecided.`,
    `${plural(impact.config_revisions, "revision", "revisions")} of its configuration ${impact.config_revisions === 1 ? "is" : "are"} deleted.`,
  ];
}
