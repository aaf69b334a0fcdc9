import { createSignal, Show } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { formatCount } from "../../lib/numbers.ts";
import { momentOf } from "../../lib/time.ts";
import { useList } from "../../live/query.ts";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { PagedList } from "../../ui/paged-list.tsx";
import { mayAdminister } from "../session/session.ts";
import { JoinTokenDialog } from "./join-token-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { TokenSection } from "./token-section.tsx";
import { TokenState } from "./token-state.tsx";
import { TokensTable } from "./tokens-table.tsx";
import { Until } from "./until.tsx";

type JoinToken = components["schemas"]["JoinToken"];

const COLUMNS = ["Key ID", "Label", "Status", "Used", "For", "Expires", "Created", "Created by"];
const WHAT =
  "A join token lets orchestrators of this organization register themselves and get their own agent token. Use it for machines that are set up by a script.";

/** The tokens with which orchestrators join an organization. */
export function JoinTokens(props: { organizationId: string }) {
  return (
    <Show
      when={mayAdminister()}
      fallback={<TokenSection title="Join tokens" explanation={`${WHAT} Only admins can view and create them.`} />}
    >
      <Tokens id={props.organizationId} />
    </Show>
  );
}

function Tokens(props: { id: string }) {
  const [page, setPage] = createSignal(1);
  const [isMaking, setMaking] = createSignal(false);
  const [leaving, setLeaving] = createSignal<JoinToken | null>(null);
  const query = useList(
    () => ["join-tokens", props.id, page()],
    async (signal) => {
      const params = { path: { organization_id: props.id }, query: { page: page(), page_size: 20 } };
      const call = api.GET("/api/v1/controller/organizations/{organization_id}/join-tokens", { params, signal });
      return (await ask(call)).data;
    },
    { idField: "key_id", refreshOn: (event) => event.organization_id === props.id && event.type === "registered" },
  );
  const revoke = (keyId: string) => {
    const params = { path: { organization_id: props.id, key_id: keyId } };
    return ask(api.DELETE("/api/v1/controller/organizations/{organization_id}/join-tokens/{key_id}", { params }));
  };
  return (
    <TokenSection title="Join tokens" explanation={WHAT} action="New join token" onAction={() => setMaking(true)}>
      <PagedList
        query={query}
        page={page()}
        onPage={setPage}
        what="join tokens"
        places={2}
        empty={<p class="tokens-none">No join tokens</p>}
      >
        {(tokens) => <JoinTokenTable tokens={tokens} onRevoke={setLeaving} />}
      </PagedList>
      <Show when={isMaking()}>
        <JoinTokenDialog
          organizationId={props.id}
          onMade={() => void query.refetch()}
          onClose={() => setMaking(false)}
        />
      </Show>
      <Show when={leaving()}>
        {(token) => (
          <RevokeDialog
            what={`join token ${token().key_id}`}
            consequences={[
              "Orchestrators can no longer join with it.",
              "Orchestrators that joined with it keep their agent tokens.",
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

function JoinTokenTable(props: { tokens: readonly JoinToken[]; onRevoke: (token: JoinToken) => void }) {
  return (
    <TokensTable
      title="Join tokens"
      columns={COLUMNS}
      tokens={props.tokens}
      revokes={(token) => (token.state === "valid" ? `Revoke join token ${token.key_id}` : null)}
      onRevoke={(token) => props.onRevoke(token)}
    >
      {(token) => (
        <>
          <th scope="row">
            <code>{token.key_id}</code>
          </th>
          <td>
            <Name of={token.label} or="–" />
          </td>
          <td>
            <TokenState state={token.state} />
          </td>
          <td>
            {formatCount(token.uses)} of {formatCount(token.max_uses)}
          </td>
          <td>{token.orchestrator_id ? <code>{token.orchestrator_id}</code> : "Any"}</td>
          <td>
            <Until at={token.expires_at} />
          </td>
          <td>
            <Moment at={momentOf(token.created_at)} isPlain />
          </td>
          <td>
            <Name of={token.created_by} />
          </td>
        </>
      )}
    </TokensTable>
  );
}
