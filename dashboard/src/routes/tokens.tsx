import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, Show } from "solid-js";
import { nameInText } from "../../../common/text.ts";
import { mayAdminister, user } from "../features/session/session.ts";
import { ApiTokenDialog } from "../features/tokens/api-token-dialog.tsx";
import { type ApiToken, ApiTokensTable } from "../features/tokens/api-tokens-table.tsx";
import { RevokeDialog } from "../features/tokens/revoke-dialog.tsx";
import { api, ask } from "../lib/api.ts";
import { readPage } from "../lib/page.ts";
import { useList } from "../live/query.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Plus } from "../ui/icons.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { PagedList } from "../ui/paged-list.tsx";
import { Switch } from "../ui/switch.tsx";
import "../features/tokens/tokens.css";

export function TokensPage() {
  return (
    <Show
      when={mayAdminister()}
      fallback={
        <>
          <PageHead title="API tokens" />
          <EmptyState
            kind="forbidden"
            title="Only admins can view API tokens"
            text={`You are logged in as ${user()?.username}, with the role ${user()?.role}. Ask an admin if a program of yours needs a token.`}
          />
        </>
      }
    >
      <Tokens />
    </Show>
  );
}

function Tokens() {
  const [search, setSearch] = useSearchParams();
  const view = createMemo(() => ({
    page: readPage(search.page),
    isEndedToo: search.ended === "1",
  }));
  const [isMaking, setMaking] = createSignal(false);
  const [leaving, setLeaving] = createSignal<ApiToken | null>(null);
  const query = useList(
    () => ["api-tokens", view()],
    async (signal) => {
      const { page, isEndedToo } = view();
      const params = { query: { page, ...(isEndedToo && { ended: "true" as const }) } };
      return (await ask(api.GET("/api/v1/controller/api-tokens", { params, signal }))).data;
    },
    // Keeps "last used" current.
    { idField: "key_id", everyMs: 30_000 },
  );
  const revoke = (keyId: string) =>
    ask(api.DELETE("/api/v1/controller/api-tokens/{key_id}", { params: { path: { key_id: keyId } } }));
  const newToken = () => (
    <button class="button" data-kind="primary" type="button" onClick={() => setMaking(true)}>
      <Plus />
      New API token
    </button>
  );

  return (
    <>
      <PageHead title="API tokens" count={query.data?.total}>
        <Switch
          label="Show expired and revoked"
          isOn={view().isEndedToo}
          onChange={(isOn) => setSearch({ ended: isOn ? "1" : undefined, page: undefined }, { replace: true })}
        />
        {newToken()}
      </PageHead>
      <PagedList
        query={query}
        page={view().page}
        onPage={(page) => setSearch({ page: page > 1 ? page : undefined })}
        what="API tokens"
        empty={
          <EmptyState
            kind="nothing-yet"
            title={view().isEndedToo ? "No API tokens yet" : "No valid API tokens"}
            text="Programs such as exports, scripts and pipelines call the API with a token. Create one with only the access it needs; you can revoke it at any time."
          />
        }
      >
        {(tokens) => <ApiTokensTable tokens={tokens} onRevoke={setLeaving} />}
      </PagedList>
      <Show when={isMaking()}>
        <ApiTokenDialog onMade={() => void query.refetch()} onClose={() => setMaking(false)} />
      </Show>
      <Show when={leaving()}>
        {(token) => (
          <RevokeDialog
            what={`API token ${nameInText(token().name, token().key_id)}`}
            consequences={["Programs that use this token are refused at once, and their live streams are closed."]}
            revoke={() => revoke(token().key_id)}
            onRevoked={() => query.refetch()}
            onClose={() => setLeaving(null)}
          />
        )}
      </Show>
    </>
  );
}
