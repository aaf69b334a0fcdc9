import { Show } from "solid-js";
import { momentOf } from "../../lib/time.ts";
import { ActionTable, type Column } from "../../ui/action-table.tsx";
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
  const columns: readonly Column<UserEntry>[] = [
    { title: "Name", cell: (user) => <UserName user={user} isOwn={user.username === props.ownName} /> },
    { title: "Role", cell: (user) => ROLE_WORDS[user.role], hint: (user) => ROLE_HINTS[user.role] },
    { title: "Organizations", cell: (user) => <OrganizationLinks ids={user.organizations} /> },
    { title: "Status", cell: (user) => <AccountStatus user={user} /> },
    { title: "Last login", cell: (user) => <Moment at={momentOf(user.last_login)} isPlain /> },
    { title: "Created", cell: (user) => <Moment at={momentOf(user.created_at)} isPlain /> },
  ];
  return (
    <ActionTable title="Users" columns={columns} rows={props.users}>
      {(user) => <UserMenu user={user} onAction={(action) => props.onAction(action, user)} />}
    </ActionTable>
  );
}

function UserName(props: { user: UserEntry; isOwn: boolean }) {
  return (
    <>
      <Name of={props.user.username} />
      <Show when={props.isOwn}>
        <span class="tag user-own">you</span>
      </Show>
      <Show when={props.user.is_sso}>
        <span class="tag user-own" title="Single sign-on manages the role and the organizations">
          SSO
        </span>
      </Show>
    </>
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
