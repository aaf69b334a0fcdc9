import { createSignal, Match, Show, Switch } from "solid-js";
import { MAX_VALID_CREDENTIALS } from "../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { type ListQuery, useList } from "../../live/query.ts";
import { ActionTable, type Column } from "../../ui/action-table.tsx";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { Name } from "../../ui/name.tsx";
import { Select } from "../../ui/select.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { mayAdminister } from "../session/session.ts";
import { AgentTokenDialog } from "./agent-token-dialog.tsx";
import { CREATED, CREATED_BY, EXPIRES, KEY_ID, LABEL, RevokeButton } from "./columns.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { TokenSection } from "./token-section.tsx";
import { TokenState } from "./token-state.tsx";

type AgentToken = components["schemas"]["AgentToken"];

const COLUMNS: readonly Column<AgentToken>[] = [
  KEY_ID,
  LABEL,
  { title: "Status", cell: (token) => <TokenState state={token.state} isConnected={token.connected} /> },
  EXPIRES,
  CREATED,
  { title: CREATED_BY.title, cell: (token) => <Creator token={token} /> },
];

interface AgentTokensProps {
  organizationId: string;
  /** IDs of the organization's orchestrators. */
  members: readonly string[];
}

/** The agent tokens of one orchestrator at a time; an orchestrator connects with such a token. */
export function AgentTokens(props: AgentTokensProps) {
  const [chosen, setChosen] = createSignal<string | null>(null);
  const shown = () => props.members.find((member) => member === chosen()) ?? props.members[0];
  return (
    <Show
      when={shown()}
      fallback={
        <TokenSection
          title="Agent tokens"
          explanation="This organization has no orchestrators yet. An orchestrator gets its agent token when it joins."
        />
      }
      keyed
    >
      {(orchestratorId) => (
        <TokensOf
          organizationId={props.organizationId}
          orchestratorId={orchestratorId}
          members={props.members}
          onChoose={setChosen}
        />
      )}
    </Show>
  );
}

function TokensOf(props: AgentTokensProps & { orchestratorId: string; onChoose: (id: string) => void }) {
  const id = props.orchestratorId;
  const [isMaking, setMaking] = createSignal(false);
  const [leaving, setLeaving] = createSignal<AgentToken | null>(null);
  const query = useList(
    () => ["agent-tokens", id],
    async (signal) => {
      const params = { path: { orchestrator_id: id } };
      return (await ask(api.GET("/api/v1/controller/orchestrators/{orchestrator_id}/tokens", { params, signal }))).data;
    },
    {
      idField: "key_id",
      refreshOn: (event) => event.orchestrator_id === id && ["connected", "disconnected", "lost"].includes(event.type),
    },
  );
  const isFull = () =>
    (query.data?.items.filter(({ state }) => state === "valid").length ?? 0) >= MAX_VALID_CREDENTIALS;
  const whyNot = () => {
    if (!mayAdminister()) return "Only admins can create and revoke tokens.";
    return isFull() ? `Two tokens are valid, the maximum. Revoke the unused one first.` : undefined;
  };
  const revoke = (keyId: string) => {
    const params = { path: { orchestrator_id: id, key_id: keyId } };
    return ask(api.DELETE("/api/v1/controller/orchestrators/{orchestrator_id}/tokens/{key_id}", { params }));
  };

  return (
    <TokenSection
      title="Agent tokens"
      explanation="An orchestrator connects with its own agent token. To rotate it without downtime, create a second token, restart the orchestrator with it, then revoke the first. At most two are valid at a time."
      action="New agent token"
      whyNot={whyNot()}
      onAction={() => setMaking(true)}
      tools={
        <Show when={props.members.length > 1}>
          <Select
            aria-label="Orchestrator"
            options={props.members.map((member) => ({ value: member, label: member }))}
            value={id}
            onChange={(member) => props.onChoose(member)}
          />
        </Show>
      }
    >
      <StaleBanner query={query} />
      <AgentTokenList query={query} orchestratorId={id} onRevoke={setLeaving} />
      <Show when={isMaking()}>
        <AgentTokenDialog orchestratorId={id} onMade={() => void query.refetch()} onClose={() => setMaking(false)} />
      </Show>
      <Show when={leaving()}>
        {(token) => (
          <RevokeDialog
            what={`agent token ${token().key_id}`}
            consequences={[
              token().connected
                ? `${id} is connected with this token. The connection is closed at once.`
                : `Any connection of ${id} that uses this token is closed at once.`,
              "The token can no longer be used to connect.",
            ]}
            revoke={() => revoke(token().key_id)}
            onRevoked={() => query.refetch()}
            onClose={() => setLeaving(null)}
          />
        )}
      </Show>
    </TokenSection>
  );
}

interface AgentTokenListProps {
  query: ListQuery<{ items: AgentToken[] }>;
  orchestratorId: string;
  onRevoke: (token: AgentToken) => void;
}

function AgentTokenList(props: AgentTokenListProps) {
  return (
    <Switch>
      <Match when={props.query.data?.items.length === 0}>
        <p class="tokens-none">{props.orchestratorId} has no agent token yet.</p>
      </Match>
      <Match when={props.query.data}>
        {(data) => (
          <ActionTable
            title={`Agent tokens of ${props.orchestratorId}`}
            columns={COLUMNS}
            rows={data().items}
            isMuted={(token) => token.state !== "valid"}
          >
            {(token) => (
              <RevokeButton
                label={token.state === "valid" && mayAdminister() ? `Revoke agent token ${token.key_id}` : null}
                onRevoke={() => props.onRevoke(token)}
              />
            )}
          </ActionTable>
        )}
      </Match>
      <Match when={props.query.failure}>
        {(failure) => <FailurePanel failure={failure()} onRetry={() => void props.query.refetch()} />}
      </Match>
      <Match when={props.query.isLoading}>
        <Skeleton what="tokens" count={2} />
      </Match>
    </Switch>
  );
}

function Creator(props: { token: AgentToken }) {
  return (
    <>
      <Name of={props.token.created_by} />
      <Show when={props.token.maker_ended && props.token.state === "valid"}>
        <span
          class="mark"
          title="The user who created it no longer has access. Replace the token if they may have kept a copy."
        >
          creator lost access
        </span>
      </Show>
    </>
  );
}
