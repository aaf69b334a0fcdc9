import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, Show } from "solid-js";
import { mayAdminister, user } from "../features/session/session.ts";
import { InviteDialog } from "../features/users/invite-dialog.tsx";
import { LockedOut } from "../features/users/locked-out.tsx";
import { reactivate, UserDialogs, type UserTask } from "../features/users/user-dialogs.tsx";
import type { UserAction } from "../features/users/user-menu.tsx";
import { ROLE_WORDS, ROLES_OFFERED, type Role, readUsersView, type UserEntry } from "../features/users/users.ts";
import { UsersTable } from "../features/users/users-table.tsx";
import { api, ask } from "../lib/api.ts";
import { useList } from "../live/query.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Plus, Search } from "../ui/icons.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { PagedList } from "../ui/paged-list.tsx";
import { Select } from "../ui/select.tsx";
import "../features/users/users.css";

interface UsersPageOf {
  items: UserEntry[];
  total: number;
  total_pages: number;
}

const ROLE_OPTIONS: { value: Role | "all"; label: string }[] = [
  { value: "all", label: "All roles" },
  ...ROLES_OFFERED.map((role) => ({ value: role, label: ROLE_WORDS[role] })),
];

export function UsersPage() {
  return (
    <Show when={mayAdminister()} fallback={<NotPermitted />}>
      <Users />
    </Show>
  );
}

function Users() {
  const [search, setSearch] = useSearchParams();
  const view = createMemo(() => readUsersView({ ...search }));
  const query = useList<UsersPageOf>(
    () => ["users", view()],
    async (signal) => {
      const { q, role, page } = view();
      const params = { query: { page, ...(q && { q }), ...(role && { role }) } };
      return (await ask(api.GET("/api/v1/controller/users", { params, signal }))).data;
    },
    { idField: "user_id" },
  );
  const [isInviting, setInviting] = createSignal(false);
  const [task, setTask] = createSignal<UserTask | null>(null);
  const begin = (action: UserAction, entry: UserEntry) => {
    if (action === "reactivate") void reactivate(entry, () => void query.refetch());
    else setTask({ action, user: { ...entry } });
  };
  const isFiltered = () => view().q !== "" || view().role !== null;
  const reset = () => setSearch({ q: undefined, role: undefined, page: undefined });

  return (
    <>
      <PageHead title="Users" count={query.data?.total}>
        <label class="user-search">
          <Search />
          <span class="sr-only">Search users</span>
          <input
            type="search"
            placeholder="Name"
            value={view().q}
            maxlength={255}
            onInput={(event) =>
              setSearch({ q: event.currentTarget.value || undefined, page: undefined }, { replace: true })
            }
          />
        </label>
        <Select
          aria-label="Role"
          options={ROLE_OPTIONS}
          value={view().role ?? "all"}
          onChange={(role) =>
            setSearch({ role: role === "all" ? undefined : role, page: undefined }, { replace: true })
          }
        />
        <button class="button" data-kind="primary" type="button" onClick={() => setInviting(true)}>
          <Plus />
          Invite
        </button>
      </PageHead>
      <Show when={query.failure?.code !== "forbidden"} fallback={<Forbidden />}>
        <LockedOut />
        <PagedList
          query={query}
          page={view().page}
          onPage={(page) => setSearch({ page: page > 1 ? page : undefined })}
          what="users"
          empty={<Nobody isFiltered={isFiltered()} onReset={reset} />}
        >
          {(users) => <UsersTable users={users} ownName={user()?.username} onAction={begin} />}
        </PagedList>
      </Show>
      <Show when={isInviting()}>
        <InviteDialog onCreated={() => void query.refetch()} onClose={() => setInviting(false)} />
      </Show>
      <Show when={task()} keyed>
        {(known) => <UserDialogs task={known} onChanged={() => void query.refetch()} onClose={() => setTask(null)} />}
      </Show>
    </>
  );
}

function Nobody(props: { isFiltered: boolean; onReset: () => void }) {
  return (
    <Show
      when={props.isFiltered}
      fallback={
        <EmptyState
          kind="nothing-yet"
          title="No users yet"
          text="The built-in account from the settings exists only in development. Invite a user to create the first real account."
        />
      }
    >
      <EmptyState
        kind="no-match"
        title="No matching users"
        text="No user has this name and role. Change or reset the filters."
        action={
          <button class="button" type="button" onClick={() => props.onReset()}>
            Show all users
          </button>
        }
      />
    </Show>
  );
}

function NotPermitted() {
  return (
    <>
      <PageHead title="Users" />
      <Forbidden />
    </>
  );
}

function Forbidden() {
  return (
    <EmptyState
      kind="forbidden"
      title="Only admins can view users"
      text={`You are logged in as ${user()?.username}, with the role ${user()?.role}. Ask an admin if you need to know who has access.`}
    />
  );
}
