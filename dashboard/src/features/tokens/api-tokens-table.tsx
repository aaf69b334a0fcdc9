import { For, Show } from "solid-js";
import type { components } from "../../lib/api-schema.d.ts";
import { momentOf } from "../../lib/time.ts";
import { Moment } from "../../ui/moment.tsx";
import { OrganizationLinks } from "../users/organization-links.tsx";
import { TokenState } from "./token-state.tsx";
import { Until } from "./until.tsx";

export type ApiToken = components["schemas"]["ApiToken"];

export function ApiTokensTable(props: { tokens: readonly ApiToken[]; onRevoke: (token: ApiToken) => void }) {
  return (
    <section class="table-scroll" tabindex="0" aria-label="API tokens">
      <table class="tokens">
        <caption class="sr-only">API tokens, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Scope</th>
            <th scope="col">Organizations</th>
            <th scope="col">State</th>
            <th scope="col">Expires</th>
            <th scope="col">Last used</th>
            <th scope="col">Created</th>
            <th scope="col">By</th>
            <th scope="col">Key id</th>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.tokens}>{(token) => <Row token={token} onRevoke={() => props.onRevoke(token)} />}</For>
        </tbody>
      </table>
    </section>
  );
}

function Row(props: { token: ApiToken; onRevoke: () => void }) {
  return (
    <tr data-state={props.token.state}>
      <th scope="row">{props.token.name}</th>
      <td>{props.token.scopes.at(-1)}</td>
      <td>
        <OrganizationLinks ids={props.token.organizations} />
      </td>
      <td>
        <TokenState state={props.token.state} />
      </td>
      <td>
        <Until at={props.token.expires_at} />
      </td>
      <td>
        <Moment at={momentOf(props.token.last_used_at)} isPlain />
      </td>
      <td>
        <Moment at={momentOf(props.token.created_at)} isPlain />
      </td>
      <td>{props.token.created_by}</td>
      <td>
        <code>{props.token.key_id}</code>
      </td>
      <td data-align="end">
        <Show when={props.token.state === "valid"}>
          <button
            class="button"
            type="button"
            aria-label={`Revoke ${props.token.name}`}
            onClick={() => props.onRevoke()}
          >
            Revoke…
          </button>
        </Show>
      </td>
    </tr>
  );
}
