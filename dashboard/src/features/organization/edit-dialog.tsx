import { createSignal, Show } from "solid-js";
import { api, ask, type Organization } from "../../lib/api.ts";
import { toFailure } from "../../lib/failure.ts";
import { queryClient } from "../../lib/query.ts";
import { Field } from "../../ui/field.tsx";
import { closeModal, Modal } from "../../ui/modal.tsx";
import { notify } from "../../ui/toast.tsx";

const MAX_LENGTH = 255;

/** Name and location, for admins. */
export function EditDialog(props: { organization: Organization; onClose: () => void }) {
  const id = props.organization.organization_id;
  const [name, setName] = createSignal(props.organization.name);
  const [location, setLocation] = createSignal(props.organization.location ?? "");
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal("");

  const save = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (isBusy()) return;
    if (name().trim() === "") return setProblem("Enter a name.");
    setBusy(true);
    setProblem("");
    try {
      await ask(
        api.PUT("/api/v1/controller/organizations/{organization_id}", {
          params: { path: { organization_id: id } },
          body: { name: name().trim(), location: location().trim() || null },
        }),
      );
      void queryClient.invalidateQueries({ queryKey: ["organization", id] });
      notify({ tone: "success", text: `${id} is changed` });
      form.closest("dialog")?.close();
    } catch (error) {
      setProblem(`${toFailure(error).message}. ${id} is unchanged.`);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal title={`Edit ${id}`} size="small" onClose={() => props.onClose()}>
      <form class="stack" onSubmit={(event) => void save(event)} noValidate>
        <Field label="Name">
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
        <div role="alert">
          <Show when={problem()}>
            <p class="notice" data-tone="danger">
              {problem()}
            </p>
          </Show>
        </div>
        <div class="dialog-actions">
          <button class="button" type="button" onClick={closeModal}>
            Cancel
          </button>
          <button class="button" data-kind="primary" type="submit" aria-disabled={isBusy()}>
            {isBusy() ? "Saving…" : "Save"}
          </button>
        </div>
      </form>
    </Modal>
  );
}
