import { For, type JSX, Show } from "solid-js";

interface TokensTableProps<T> {
  /** "Agent tokens of org-002". */
  title: string;
  columns: readonly string[];
  tokens: readonly T[];
  /** The cells of a token, up to the one that revokes it. */
  children: (token: T) => JSX.Element;
  /** The name of the revoke button: "Revoke token k1"; null: the token cannot be revoked. */
  revokes: (token: T) => string | null;
  onRevoke: (token: T) => void;
}

/** Tokens of one kind, newest first, with a revoke button in each row. */
export function TokensTable<T extends { state: string }>(props: TokensTableProps<T>) {
  return (
    <section class="table-scroll" tabindex="0" aria-label={props.title}>
      <table class="tokens">
        <caption class="sr-only">{props.title}, newest first</caption>
        <thead>
          <tr>
            <For each={props.columns}>{(column) => <th scope="col">{column}</th>}</For>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.tokens}>
            {(token) => (
              <tr data-state={token.state}>
                {props.children(token)}
                <td data-align="end">
                  <Show when={props.revokes(token)}>
                    {(label) => (
                      <button class="button" type="button" aria-label={label()} onClick={() => props.onRevoke(token)}>
                        Revoke…
                      </button>
                    )}
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
