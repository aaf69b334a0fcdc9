import { createSignal, For, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { formatCount } from "../../lib/numbers.ts";
import { useList } from "../../lib/query.ts";
import { momentOf } from "../../lib/time.ts";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { mayAdminister } from "../session/session.ts";
import { JoinTokenDialog } from "./join-token-dialog.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import { TokenSection } from "./token-section.tsx";
import { TokenState } from "./token-state.tsx";
import { Until } from "./until.tsx";

type JoinToken = components["schemas"]["JoinToken"];

const WHAT =
  "With a join token, orchestrators of this organization register themselves and fetch a token of their own: for machines that are set up by a script.";

/** The tokens with which orchestrators come into an organization. */
export function JoinTokens(props: { organizationId: string }) {
  return (
    <Show
      when={mayAdminister()}
      fallback={<TokenSection title="Join tokens" explanation={`${WHAT} Only admins see and make them.`} />}
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
      <StaleBanner query={query} />
      <Switch>
        <Match when={query.data?.total === 0}>
          <p class="tokens-none">There is none.</p>
        </Match>
        <Match when={query.data}>
          {(data) => (
            <>
              <JoinTokenTable tokens={data().items} onRevoke={setLeaving} />
              <Show when={data().total_pages > 1}>
                <Pager page={page()} totalPages={data().total_pages} onPage={setPage} />
              </Show>
            </>
          )}
        </Match>
        <Match when={query.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
        <Match when={query.isLoading}>
          <Skeleton what="join tokens" count={2} />
        </Match>
      </Switch>
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
            consequences={["Nobody joins with it any more.", "Orchestrators that joined with it keep their tokens."]}
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
    <section class="table-scroll" tabindex="0" aria-label="Join tokens">
      <table class="tokens">
        <caption class="sr-only">Join tokens, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Key id</th>
            <th scope="col">Label</th>
            <th scope="col">State</th>
            <th scope="col">Used</th>
            <th scope="col">For</th>
            <th scope="col">Expires</th>
            <th scope="col">Created</th>
            <th scope="col">By</th>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.tokens}>
            {(token) => (
              <tr data-state={token.state}>
                <th scope="row">
                  <code>{token.key_id}</code>
                </th>
                <td>{token.label ?? <span class="muted">–</span>}</td>
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
                <td>{token.created_by}</td>
                <td data-align="end">
                  <Show when={token.state === "valid"}>
                    <button
                      class="button"
                      type="button"
                      aria-label={`Revoke join token ${token.key_id}`}
                      onClick={() => props.onRevoke(token)}
                    >
                      Revoke…
                    </button>
                  </Show>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
