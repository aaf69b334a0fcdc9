import { AgentTokens } from "../tokens/agent-tokens.tsx";
import { JoinTokens } from "../tokens/join-tokens.tsx";
import type { OrganizationModel } from "./model.ts";

/** The tokens of the organization's orchestrators. */
export function AccessTab(props: { model: OrganizationModel }) {
  return (
    <div class="token-sections">
      <AgentTokens organizationId={props.model.id} members={props.model.members()} />
      <JoinTokens organizationId={props.model.id} />
    </div>
  );
}
