import { createSignal } from "solid-js";
import { api, ask, type Organization } from "../../lib/api.ts";
import { outcomeOf } from "../../lib/failure.ts";
import { queryClient } from "../../lib/query.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Field } from "../../ui/field.tsx";
import { Modal } from "../../ui/modal.tsx";
import { notify } from "../../ui/toast.tsx";

const MAX_LENGTH = 255;

/** Name and location, for admins. */
export function EditDialog(props: { organization: Organization; onClose: () => void }) {
  const id = props.organization.organization_id;
  const [name, setName] = createSignal(props.organization.name);
  const [location, setLocation] = createSignal(props.organization.location ?? "");
  const [isTried, setTried] = createSignal(false);
  const nameProblem = () => (name().trim() === "" ? "Enter a name." : undefined);
  const problem = () => {
    setTried(true);
    return nameProblem() ? "Nothing was changed. See above." : null;
  };
  const save = async (_: FormData, close: () => void) => {
    await ask(
      api.PUT("/api/v1/controller/organizations/{organization_id}", {
        params: { path: { organization_id: id } },
        body: { name: name().trim(), location: location().trim() || null },
      }),
    );
    void queryClient.invalidateQueries({ queryKey: ["organization", id] });
    notify({ tone: "success", text: `${id} is changed` });
    close();
  };

  return (
    <Modal title={`Edit ${id}`} size="small" onClose={() => props.onClose()}>
      <DialogForm
        action="Save"
        busyAction="Saving…"
        problem={problem}
        explain={(failure) => outcomeOf(failure, `${id} is unchanged.`)}
        onSubmit={save}
      >
        <Field label="Name" error={isTried() ? nameProblem() : undefined}>
          {(control) => (
            <input
              {...control}
              autofocus
              required
              maxLength={MAX_LENGTH}
              value={name()}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Location" hint="Empty: none. Its only orchestrator may say otherwise when it connects.">
          {(control) => (
            <input
              {...control}
              maxLength={MAX_LENGTH}
              value={location()}
              onInput={(event) => setLocation(event.currentTarget.value)}
            />
          )}
        </Field>
      </DialogForm>
    </Modal>
  );
}
