import { createSignal } from "solid-js";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { type Secret, SecretDialog } from "../../ui/secret-dialog.tsx";
import { makeLink } from "./user-calls.ts";
import type { UserEntry } from "./users.ts";

/** Creates a link with which a user sets a password, and shows it once. */
export function LinkDialog(props: { user: UserEntry; onClose: () => void }) {
  const { username, has_password: hasPassword } = props.user;
  const purpose = hasPassword ? "reset" : "invite";
  const [secret, setSecret] = createSignal<Secret | null>(null);
  return (
    <SecretDialog
      title={purpose === "reset" ? `Reset the password of ${username}?` : `Create an invite link for ${username}?`}
      secret={secret()}
      onClose={() => props.onClose()}
    >
      <DialogForm
        action="Create link"
        busyAction="Creating…"
        onSubmit={async () => void setSecret(await makeLink(props.user, purpose))}
      >
        <ul class="consequences">
          <li>Earlier links of {username} stop working.</li>
          <li>The new link works once, within 24 hours.</li>
          <li>
            {purpose === "reset"
              ? "The current password works until the link is used. Using it also ends all sessions of the user and revokes the API tokens, join tokens and links that they created. If the password is compromised, deactivate the user first, which takes effect at once."
              : "The user sets their first password with it."}
          </li>
        </ul>
      </DialogForm>
    </SecretDialog>
  );
}
