import { createSignal } from "solid-js";
import { type Failure, outcomeOf } from "../../lib/failure.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Modal } from "../../ui/modal.tsx";
import { notify } from "../../ui/toast.tsx";
import { user as me } from "../session/session.ts";
import { AccessFields } from "./access-fields.tsx";
import { bindingProblem, createBinding, useOwnBinding } from "./own-binding.ts";
import { accessChange, changeAccess, describeAccess } from "./user-calls.ts";
import type { Role, UserEntry } from "./users.ts";

/** Changes the role and the organizations of a user; open sessions are affected at once. */
export function AccessDialog(props: { user: UserEntry; onChanged: () => void; onClose: () => void }) {
  const { username } = props.user;
  /** The user as it was when the draft was made. */
  const [seen, setSeen] = createSignal(props.user);
  const { role: before, organizations: bound } = props.user;
  const own = useOwnBinding();
  const [binding, setBinding] = createBinding(own, bound && [...bound]);
  const [role, setRole] = createSignal<Role>(before);
  const [isTried, setTried] = createSignal(false);

  const organizations = () => (role() === "superadmin" ? null : binding());
  const problem = () => {
    setTried(true);
    return bindingProblem(organizations()) ? "Nothing was changed. Check the fields above." : null;
  };
  const save = async (_: FormData, close: () => void) => {
    const change = accessChange(seen(), { role: role(), organizations: organizations() });
    if (!change) return close();
    await changeAccess(seen(), change);
    notify({ tone: "success", text: `Access of ${username} changed` });
    props.onChanged();
    close();
  };

  const explain = (failure: Failure) => {
    if (failure.code !== "version_conflict" || !failure.current) return outcomeOf(failure, "Nothing was changed.");
    // The error holds the user in the shape of the list.
    const current = failure.current as unknown as UserEntry;
    setSeen(current);
    return `Someone else changed ${username} in the meantime: now ${describeAccess(current)}. Saving overwrites it.`;
  };

  return (
    <Modal title={`Access of ${username}`} onClose={() => props.onClose()}>
      <div class="stack">
        <p class="muted">
          {username === me()?.username
            ? "This is your own account. With less access you may lose this page."
            : "The change takes effect at once, in open sessions too."}
        </p>
        <DialogForm action="Save" busyAction="Saving…" problem={problem} explain={explain} onSubmit={save}>
          <AccessFields
            role={role()}
            onRole={setRole}
            binding={binding()}
            onBinding={setBinding}
            ownBinding={own()}
            bindingError={isTried() ? bindingProblem(binding()) : undefined}
          />
        </DialogForm>
      </div>
    </Modal>
  );
}
