import { createSignal, Show } from "solid-js";
import { MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { api, ask, type Organization } from "../../lib/api.ts";
import { type Failure, outcomeOf } from "../../lib/failure.ts";
import { queryClient } from "../../live/query.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Field } from "../../ui/field.tsx";
import { Modal } from "../../ui/modal.tsx";
import { Name } from "../../ui/name.tsx";
import { notify } from "../../ui/toast.tsx";
import { changeOf, type EditFields, fieldsOf, rebase } from "./edit.ts";

/** Edits name and location, for admins. Sends only changed fields, and keeps the input on a conflict. */
export function EditDialog(props: { organization: Organization; onClose: () => void }) {
  const id = props.organization.organization_id;
  /** The values that the draft started from; the page behind may have newer ones. */
  const [base, setBase] = createSignal(props.organization);
  const [draft, setDraft] = createSignal(fieldsOf(props.organization));
  const [theirs, setTheirs] = createSignal<Partial<EditFields>>({});
  const [isTried, setTried] = createSignal(false);
  const nameProblem = () => (draft().name.trim() === "" ? "Enter a name." : undefined);
  const problem = () => {
    setTried(true);
    return nameProblem() ? "Nothing was changed. Check the fields above." : null;
  };
  const edit = (field: keyof EditFields, value: string) => setDraft((known) => ({ ...known, [field]: value }));
  const take = (field: keyof EditFields, value: string) => {
    edit(field, value);
    setTheirs(({ [field]: _, ...others }) => others);
  };
  const save = async (_: FormData, close: () => void) => {
    const change = changeOf(fieldsOf(base()), draft());
    if (!change) return close();
    await ask(
      api.PUT("/api/v1/controller/organizations/{organization_id}", {
        params: { path: { organization_id: id } },
        body: { ...change, expected_version: base().edit_version },
      }),
    );
    void queryClient.invalidateQueries({ queryKey: ["organization", id] });
    notify({ tone: "success", text: `${id} saved` });
    close();
  };
  const explain = (failure: Failure) => {
    if (failure.code !== "version_conflict" || !failure.current) return outcomeOf(failure, `${id} was not changed.`);
    // The error holds the organization in the shape of its own route.
    const current = failure.current as unknown as Organization;
    const merged = rebase(fieldsOf(base()), draft(), fieldsOf(current));
    setBase(current);
    setDraft(merged.draft);
    setTheirs(merged.theirs);
    void queryClient.invalidateQueries({ queryKey: ["organization", id] });
    const isBoth = Object.keys(merged.theirs).length > 0;
    return `Someone else changed ${id} in the meantime. ${isBoth ? "Compare the values above. Saving overwrites theirs." : "Their change is shown above. Saving adds yours."}`;
  };

  return (
    <Modal title={`Edit ${id}`} size="small" onClose={() => props.onClose()}>
      <DialogForm action="Save" busyAction="Saving…" problem={problem} explain={explain} onSubmit={save}>
        <div class="stack">
          <Field
            label="Name"
            error={isTried() ? nameProblem() : undefined}
            hint="Overrides the name that the orchestrator reports."
          >
            {(control) => (
              <input
                {...control}
                autofocus
                required
                maxLength={MAX_NAME_CHARS}
                value={draft().name}
                onInput={(event) => edit("name", event.currentTarget.value)}
              />
            )}
          </Field>
          <Theirs value={theirs().name} onTake={(value) => take("name", value)} />
          <Offer
            reported={base().reported_name}
            draft={draft().name}
            what="name"
            onTake={(name) => take("name", name)}
          />
        </div>
        <div class="stack">
          <Field label="Location" hint="Optional. Overrides the location that the orchestrator reports.">
            {(control) => (
              <input
                {...control}
                maxLength={MAX_NAME_CHARS}
                value={draft().location}
                onInput={(event) => edit("location", event.currentTarget.value)}
              />
            )}
          </Field>
          <Theirs value={theirs().location} onTake={(value) => take("location", value)} />
          <Offer
            reported={base().reported_location}
            draft={draft().location}
            what="location"
            onTake={(location) => take("location", location)}
          />
        </div>
      </DialogForm>
    </Modal>
  );
}

/** The value that someone else saved for a field that was also edited here. */
function Theirs(props: { value: string | undefined; onTake: (value: string) => void }) {
  return (
    <Show when={props.value !== undefined}>
      <p class="org-offer" role="status">
        <span>
          Someone else set this to <Name of={props.value || "none"} />.
        </span>
        <button class="button" type="button" onClick={() => props.onTake(props.value ?? "")}>
          Use theirs
        </button>
      </p>
    </Show>
  );
}

/** Offers the orchestrator's own value if it differs. */
function Offer(props: {
  reported: string | null;
  draft: string;
  what: "name" | "location";
  onTake: (value: string) => void;
}) {
  return (
    <Show when={props.reported !== props.draft.trim() && props.reported}>
      {(reported) => (
        <p class="org-offer">
          <span>
            The orchestrator reports <Name of={reported()} />.
          </span>
          <button class="button" type="button" onClick={() => props.onTake(reported())}>
            Use reported {props.what}
          </button>
        </p>
      )}
    </Show>
  );
}
