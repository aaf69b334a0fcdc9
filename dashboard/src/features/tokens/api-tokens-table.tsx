import { nameInText } from "../../../../common/text.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { momentOf } from "../../lib/time.ts";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { OrganizationLinks } from "../users/organization-links.tsx";
import { TokenState } from "./token-state.tsx";
import { TokensTable } from "./tokens-table.tsx";
import { Until } from "./until.tsx";

export type ApiToken = components["schemas"]["ApiToken"];

const COLUMNS = ["Name", "Scope", "Organizations", "Status", "Expires", "Last used", "Created", "Created by", "Key ID"];

export function ApiTokensTable(props: { tokens: readonly ApiToken[]; onRevoke: (token: ApiToken) => void }) {
  return (
    <TokensTable
      title="API tokens"
      columns={COLUMNS}
      tokens={props.tokens}
      revokes={(token) => (token.state === "valid" ? `Revoke ${nameInText(token.name, token.key_id)}` : null)}
      onRevoke={(token) => props.onRevoke(token)}
    >
      {(token) => (
        <>
          <th scope="row">
            <Name of={token.name} or={token.key_id} />
          </th>
          <td>{token.scopes.at(-1)}</td>
          <td>
            <OrganizationLinks ids={token.organizations} />
          </td>
          <td>
            <TokenState state={token.state} />
          </td>
          <td>
            <Until at={token.expires_at} />
          </td>
          <td>
            <Moment at={momentOf(token.last_used_at)} isPlain />
          </td>
          <td>
            <Moment at={momentOf(token.created_at)} isPlain />
          </td>
          <td>
            <Name of={token.created_by} />
          </td>
          <td>
            <code>{token.key_id}</code>
          </td>
        </>
      )}
    </TokensTable>
  );
}
