import { createSignal, Show } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { formatCount } from "../../lib/numbers.ts";
import { useList } from "../../live/query.ts";
import { ActionTable, type Column } from "../../ui/action-table.tsx";
import { PagedList } from "../../ui/paged-list.tsx";
import { mayAdminister } from "../session/session.ts";
import { CREATED, CREATED_BY, EXPIRES, KEY_ID, LABEL, RevokeButton } from "./columns.tsx";
import { JoinTokenDialog } from "./join-token-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { TokenSection } from "./token-section.tsx";
import { TokenState } from "./token-state.tsx";

type JoinToken = components["schemas"]["JoinToken"];

const COLUMNS: readonly Column<JoinToken>[] = [
  KEY_ID,
  LABEL,
  { title: "Status", cell: (token) => <TokenState state={token.state} /> },
  { title: "Used", cell: (token) => `${formatCount(token.uses)} of ${formatCount(token.max_uses)}` },
  { title: "For", cell: (token) => (token.orchestrator_id ? <code>{token.orchestrator_id}</code> : "Any") },
  EXPIRES,
  CREATED,
  CREATED_BY,
];
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
        {(tokens) => (
          <ActionTable title="Join tokens" columns={COLUMNS} rows={tokens} isMuted={(token) => token.state !== "valid"}>
            {(token) => (
              <RevokeButton
                label={token.state === "valid" ? `Revoke join token ${token.key_id}` : null}
                onRevoke={() => setLeaving(token)}
              />
            )}
          </ActionTable>
        )}
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
