import { Match, Switch } from "solid-js";
import { outcomeOf, toFailure } from "../../lib/failure.ts";
import { plural } from "../../lib/numbers.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { notify } from "../../ui/toast.tsx";
import { user as me } from "../session/session.ts";
import { AccessDialog } from "./access-dialog.tsx";
import { LinkDialog } from "./link-dialog.tsx";
import { endSessions, setActive } from "./user-calls.ts";
import type { UserAction } from "./user-menu.tsx";
import type { UserEntry } from "./users.ts";

export interface UserTask {
  action: Exclude<UserAction, "reactivate">;
  user: UserEntry;
}

interface UserDialogsProps {
  task: UserTask;
  onChanged: () => void;
  onClose: () => void;
}

/** The dialog for the chosen action on a user. */
export function UserDialogs(props: UserDialogsProps) {
  const { action, user } = props.task;
  const isOwn = user.username === me()?.username;
  const deactivate = () =>
    report(props.onChanged, `${user.username} was not deactivated.`, async () => {
      await setActive(user.user_id, false);
      return `${user.username} deactivated`;
    });
  const end = () =>
    report(props.onChanged, `The sessions of ${user.username} were not ended.`, async () => {
      const ended = await endSessions(user.user_id);
      return ended === 0 ? `${user.username} had no sessions` : `${plural(ended, "session")} of ${user.username} ended`;
    });

  return (
    <Switch>
      <Match when={action === "access"}>
        <AccessDialog user={user} onChanged={() => props.onChanged()} onClose={() => props.onClose()} />
      </Match>
      <Match when={action === "link"}>
        <LinkDialog user={user} onClose={() => props.onClose()} />
      </Match>
      <Match when={action === "end-sessions"}>
        <ConfirmDialog
          title={`End all sessions of ${user.username}?`}
          consequences={[
            isOwn ? "You are logged out at once, in this browser too." : "The user is logged out everywhere at once.",
            user.is_sso ? "They can log in again with single sign-on." : "They can log in again with their password.",
          ]}
          action="End sessions"
          tone="danger"
          onConfirm={() => void end()}
          onClose={() => props.onClose()}
        />
      </Match>
      <Match when={action === "deactivate"}>
        <ConfirmDialog
          title={`Deactivate ${user.username}?`}
          consequences={[
            isOwn
              ? "This is your own account: you are logged out at once."
              : "The user is logged out everywhere at once.",
            "They cannot log in until they are reactivated.",
            "API tokens, join tokens and links that they created are revoked.",
            "Agent tokens that they created stay valid. The page of the organization marks them.",
            ...(user.role === "superadmin" ? ["The last active superadmin cannot be deactivated."] : []),
          ]}
          action="Deactivate"
          tone="danger"
          onConfirm={() => void deactivate()}
          onClose={() => props.onClose()}
        />
      </Match>
    </Switch>
  );
}

/** Reactivating is harmless, so it needs no confirmation. */
export function reactivate(user: UserEntry, onChanged: () => void): Promise<void> {
  return report(onChanged, `${user.username} was not reactivated.`, async () => {
    await setActive(user.user_id, true);
    return `${user.username} reactivated`;
  });
}

async function report(onChanged: () => void, failed: string, act: () => Promise<string>): Promise<void> {
  try {
    notify({ tone: "success", text: await act() });
  } catch (error) {
    notify({ tone: "danger", text: outcomeOf(toFailure(error), failed) });
  }
  onChanged();
}
