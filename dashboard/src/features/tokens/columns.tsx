import { Show } from "solid-js";
import { momentOf } from "../../lib/time.ts";
import type { Column } from "../../ui/action-table.tsx";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { Until } from "./until.tsx";

interface AnyToken {
  key_id: string;
  expires_at: string | null;
  created_at: string;
  created_by: string;
}

export const KEY_ID: Column<AnyToken> = { title: "Key ID", cell: (token) => <code>{token.key_id}</code> };
export const LABEL: Column<{ label: string | null }> = {
  title: "Label",
  cell: (token) => <Name of={token.label} or="–" />,
};
export const EXPIRES: Column<AnyToken> = { title: "Expires", cell: (token) => <Until at={token.expires_at} /> };
export const CREATED: Column<AnyToken> = {
  title: "Created",
  cell: (token) => <Moment at={momentOf(token.created_at)} isPlain />,
};
export const CREATED_BY: Column<AnyToken> = { title: "Created by", cell: (token) => <Name of={token.created_by} /> };

/** `label` null: the token cannot be revoked. */
export function RevokeButton(props: { label: string | null; onRevoke: () => void }) {
  return (
    <Show when={props.label}>
      {(label) => (
        <button class="button" type="button" aria-label={label()} onClick={() => props.onRevoke()}>
          Revoke…
        </button>
      )}
    </Show>
  );
}
