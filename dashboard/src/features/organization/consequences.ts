import type { components } from "../../lib/api-schema.d.ts";
import type { Failure } from "../../lib/failure.ts";
import { formatCount, plural } from "../../lib/numbers.ts";

type Impact = components["schemas"]["OrganizationImpact"];

export interface Leaving {
  organizationId: string;
  members: number;
  isOpen: boolean;
  /** undefined: not loaded yet. */
  messages: number | undefined;
}

/** What is deleted with an orchestrator, one sentence each. */
export function deregisterConsequences(
  member: string,
  { organizationId, members, isOpen, messages }: Leaving,
): string[] {
  return [
    isOpen ? `The connection of ${member} is closed.` : `${member} is not connected.`,
    messages === undefined
      ? "All of its messages are deleted."
      : `${plural(messages, "message is", "messages are")} deleted.`,
    "It cannot connect until it is registered again.",
    members === 1
      ? `It is the only orchestrator: organization ${organizationId} is deleted with it.`
      : `${plural(members - 1, "orchestrator stays", "orchestrators stay")} in ${organizationId}.`,
  ];
}

/** What is deleted with an organization, with numbers if they are loaded. */
export function deleteConsequences(impact: Impact | undefined, failure: Failure | null): string[] {
  return [...countConsequences(impact, failure), "Usage and the audit log are kept.", "This cannot be undone."];
}

function countConsequences(impact: Impact | undefined, failure: Failure | null): string[] {
  if (!impact) {
    const all = "All of its orchestrators, messages and configurations are deleted.";
    return [all, failure ? `Could not count them: ${failure.message}.` : "Counting…"];
  }
  return [
    `${plural(impact.orchestrators, "orchestrator is", "orchestrators are")} deregistered and can no longer connect.`,
    `${plural(impact.connected_orchestrators, "open connection is", "open connections are")} closed.`,
    `${plural(impact.messages, "message is", "messages are")} deleted, ${formatCount(impact.pending_messages)} of them pending.`,
    `${plural(impact.config_revisions, "configuration revision is", "configuration revisions are")} deleted.`,
  ];
}
