import { For, Show } from "solid-js";
import { momentOf } from "../../lib/time.ts";
import { Moment } from "../../ui/moment.tsx";
import { Name } from "../../ui/name.tsx";
import { OrganizationLinks } from "./organization-links.tsx";
import { type UserAction, UserMenu } from "./user-menu.tsx";
import { ROLE_HINTS, ROLE_WORDS, type UserEntry } from "./users.ts";

interface UsersTableProps {
  users: readonly UserEntry[];
  ownName: string | undefined;
  onAction: (action: UserAction, user: UserEntry) => void;
}

export function UsersTable(props: UsersTableProps) {
  return (
    <section class="table-scroll" tabindex="0" aria-label="Users">
      <table class="users">
        <caption class="sr-only">Users</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Organizations</th>
            <th scope="col">Status</th>
            <th scope="col">Last login</th>
            <th scope="col">Created</th>
            <th scope="col">
              <span class="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <For each={props.users}>
            {(user) => (
              <Row
                user={user}
                isOwn={user.username === props.ownName}
                onAction={(action) => props.onAction(action, user)}
              />
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}

function Row(props: { user: UserEntry; isOwn: boolean; onAction: (action: UserAction) => void }) {
  return (
    <tr data-active={props.user.is_active}>
      <th scope="row">
        <Name of={props.user.username} />
        <Show when={props.isOwn}>
          <span class="tag user-own">you</span>
        </Show>
        <Show when={props.user.is_sso}>
          <span class="tag user-own" title="Single sign-on manages the role and the organizations">
            SSO
          </span>
        </Show>
      </th>
      <td title={ROLE_HINTS[props.user.role]}>{ROLE_WORDS[props.user.role]}</td>
      <td>
        <OrganizationLinks ids={props.user.organizations} />
      </td>
      <td>
        <AccountStatus user={props.user} />
      </td>
      <td>
        <Moment at={momentOf(props.user.last_login)} isPlain />
      </td>
      <td>
        <Moment at={momentOf(props.user.created_at)} isPlain />
      </td>
      <td data-align="end">
        <UserMenu user={props.user} onAction={(action) => props.onAction(action)} />
      </td>
    </tr>
  );
}

function AccountStatus(props: { user: UserEntry }) {
  return (
    <Show when={props.user.is_active} fallback={<strong>Deactivated</strong>}>
      <Show when={props.user.has_password || props.user.is_sso} fallback="Invited, no password yet">
        Active
      </Show>
    </Show>
  );
}
