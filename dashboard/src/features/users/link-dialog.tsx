import { createSignal } from "solid-js";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { type Secret, SecretDialog } from "../../ui/secret-dialog.tsx";
import { makeLink } from "./user-calls.ts";
import type { UserEntry } from "./users.ts";

/** Makes a link with which somebody sets a password, and shows it once. */
export function LinkDialog(props: { user: UserEntry; onClose: () => void }) {
  const { username, has_password: hasPassword } = props.user;
  const purpose = hasPassword ? "reset" : "invite";
  const [secret, setSecret] = createSignal<Secret | null>(null);
  return (
    <SecretDialog
      title={purpose === "reset" ? `Reset the password of ${username}?` : `New invite link for ${username}?`}
      secret={secret()}
      onClose={() => props.onClose()}
    >
      <DialogForm
        action="Make the link"
        busyAction="Making it…"
        onSubmit={async () => void setSecret(await makeLink(props.user, purpose))}
      >
        <ul class="consequences">
          <li>Every earlier link of {username} ends.</li>
          <li>The new one is good once, for 24 hours.</li>
          <li>
            {purpose === "reset"
              ? "The password stays until the link is used. That also ends all their sessions, and the API tokens, join tokens and links that they made. If somebody else knows the password, deactivate them first: that acts at once."
              : "It sets the first password."}
          </li>
        </ul>
      </DialogForm>
    </SecretDialog>
  );
}
