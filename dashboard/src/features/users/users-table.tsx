import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import { plural } from "../../lib/numbers.ts";
import { momentOf } from "../../lib/time.ts";
import { Moment } from "../../ui/moment.tsx";
import { ROLE_HINTS, ROLE_WORDS, type UserEntry } from "./users.ts";

/** Organizations that are named; of more their number is told. */
const NAMED = 3;

export function UsersTable(props: { users: readonly UserEntry[]; ownName: string | undefined }) {
  return (
    <section class="table-scroll" tabindex="0" aria-label="Users">
      <table class="users">
        <caption class="sr-only">Users</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Organizations</th>
            <th scope="col">May log in</th>
            <th scope="col">Last login</th>
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.users}>{(user) => <Row user={user} isOwn={user.username === props.ownName} />}</For>
        </tbody>
      </table>
    </section>
  );
}

function Row(props: { user: UserEntry; isOwn: boolean }) {
  return (
    <tr data-active={props.user.is_active}>
      <th scope="row">
        {props.user.username}
        <Show when={props.isOwn}>
          <span class="tag user-own">you</span>
        </Show>
      </th>
      <td title={ROLE_HINTS[props.user.role]}>{ROLE_WORDS[props.user.role]}</td>
      <td>
        <Organizations ids={props.user.organizations} />
      </td>
      <td>{props.user.is_active ? "Yes" : <strong>No, switched off</strong>}</td>
      <td>
        <Moment at={momentOf(props.user.last_login)} isPlain />
      </td>
      <td>
        <Moment at={momentOf(props.user.created_at)} isPlain />
      </td>
    </tr>
  );
}

function Organizations(props: { ids: readonly string[] | null }) {
  return (
    <Show when={props.ids} fallback="All">
      {(ids) => (
        <Show when={ids().length > 0} fallback={<span class="muted">None</span>}>
          <span class="user-organizations" title={ids().join(", ")}>
            <For each={ids().slice(0, NAMED)}>
              {(id) => <A href={`/organizations/${encodeURIComponent(id)}`}>{id}</A>}
            </For>
            <Show when={ids().length > NAMED}>
              <span class="muted">and {plural(ids().length - NAMED, "other")}</span>
            </Show>
          </span>
        </Show>
      )}
    </Show>
  );
}
