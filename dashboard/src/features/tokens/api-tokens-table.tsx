import { nameInText } from "../../../../common/text.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { momentOf } from "../../lib/time.ts";
import { ActionTable, type Column } from "../../ui/action-table.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { OrganizationLinks } from "../users/organization-links.tsx";
import { CREATED, CREATED_BY, EXPIRES, KEY_ID, RevokeButton } from "./columns.tsx";
import { TokenState } from "./token-state.tsx";

export type ApiToken = components["schemas"]["ApiToken"];

const COLUMNS: readonly Column<ApiToken>[] = [
  { title: "Name", cell: (token) => <Name of={token.name} or={token.key_id} /> },
  { title: "Scope", cell: (token) => token.scopes.at(-1) },
  { title: "Organizations", cell: (token) => <OrganizationLinks ids={token.organizations} /> },
  { title: "Status", cell: (token) => <TokenState state={token.state} /> },
  EXPIRES,
  { title: "Last used", cell: (token) => <Moment at={momentOf(token.last_used_at)} isPlain /> },
  CREATED,
  CREATED_BY,
  KEY_ID,
];

export function ApiTokensTable(props: { tokens: readonly ApiToken[]; onRevoke: (token: ApiToken) => void }) {
  return (
    <ActionTable title="API tokens" columns={COLUMNS} rows={props.tokens} isMuted={(token) => token.state !== "valid"}>
      {(token) => (
        <RevokeButton
          label={token.state === "valid" ? `Revoke ${nameInText(token.name, token.key_id)}` : null}
          onRevoke={() => props.onRevoke(token)}
        />
      )}
    </ActionTable>
  );
}
