import { createSignal } from "solid-js";
import { outcomeOf } from "../../lib/failure.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Field } from "../../ui/field.tsx";
import { type Secret, SecretDialog } from "../../ui/secret-dialog.tsx";
import { AccessFields } from "./access-fields.tsx";
import { bindingProblem, createBinding, useOwnBinding } from "./own-binding.ts";
import { createUser, makeLink } from "./user-calls.ts";
import type { Role, UserEntry } from "./users.ts";

/** Creates a user, and shows once the link with which they set a password. */
export function InviteDialog(props: { onCreated: () => void; onClose: () => void }) {
  const own = useOwnBinding();
  const [binding, setBinding] = createBinding(own);
  const [username, setUsername] = createSignal("");
  const [role, setRole] = createSignal<Role>("viewer");
  const [nameError, setNameError] = createSignal<string>();
  const [secret, setSecret] = createSignal<Secret | null>(null);
  const [isTried, setTried] = createSignal(false);
  /** A user that an earlier attempt created without getting to the link. */
  let half: UserEntry | null = null;

  const wanted = () => username().trim().toLowerCase();
  const organizations = () => (role() === "superadmin" ? null : binding());
  const problem = () => {
    setTried(true);
    setNameError(nameProblem(wanted()));
    return nameError() || bindingProblem(organizations()) ? "No user was invited. Check the fields above." : null;
  };
  const invite = async () => {
    const isHalf = half?.username === wanted();
    if (!isHalf) half = await createUser(wanted(), { role: role(), organizations: organizations() });
    if (!isHalf) props.onCreated();
    if (half) setSecret(await makeLink(half, "invite"));
  };

  return (
    <SecretDialog title="Invite user" secret={secret()} onClose={() => props.onClose()}>
      <DialogForm
        action="Invite"
        busyAction="Inviting…"
        problem={problem}
        explain={(failure) =>
          half?.username === wanted()
            ? `The user was created, but the link was not: ${failure.message}. Press Invite to create the link.`
            : outcomeOf(failure, "No user was invited.")
        }
        onSubmit={invite}
      >
        <Field label="Name" hint="Login name. It cannot be changed later." error={nameError()}>
          {(control) => (
            <input
              {...control}
              autofocus
              required
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              maxlength={255}
              value={username()}
              onInput={(event) => {
                setUsername(event.currentTarget.value);
                setNameError(undefined);
              }}
            />
          )}
        </Field>
        <AccessFields
          role={role()}
          onRole={setRole}
          binding={binding()}
          onBinding={setBinding}
          ownBinding={own()}
          bindingError={isTried() ? bindingProblem(binding()) : undefined}
        />
      </DialogForm>
    </SecretDialog>
  );
}

function nameProblem(name: string): string | undefined {
  if (name === "") return "Enter a name.";
  return /\s/.test(name) ? "The name cannot contain spaces." : undefined;
}
