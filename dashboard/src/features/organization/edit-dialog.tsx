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

/** Name and location, for admins. Sends only what was changed, and keeps it when somebody else was faster. */
export function EditDialog(props: { organization: Organization; onClose: () => void }) {
  const id = props.organization.organization_id;
  /** What the draft was made from; the page behind may know newer values. */
  const [base, setBase] = createSignal(props.organization);
  const [draft, setDraft] = createSignal(fieldsOf(props.organization));
  const [theirs, setTheirs] = createSignal<Partial<EditFields>>({});
  const [isTried, setTried] = createSignal(false);
  const nameProblem = () => (draft().name.trim() === "" ? "Enter a name." : undefined);
  const problem = () => {
    setTried(true);
    return nameProblem() ? "Nothing was changed. See above." : null;
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
    notify({ tone: "success", text: `${id} is changed` });
    close();
  };
  const explain = (failure: Failure) => {
    if (failure.code !== "version_conflict" || !failure.current) return outcomeOf(failure, `${id} is unchanged.`);
    // The error carries the organization as its own route answers it.
    const current = failure.current as unknown as Organization;
    const merged = rebase(fieldsOf(base()), draft(), fieldsOf(current));
    setBase(current);
    setDraft(merged.draft);
    setTheirs(merged.theirs);
    void queryClient.invalidateQueries({ queryKey: ["organization", id] });
    const isBoth = Object.keys(merged.theirs).length > 0;
    return `Somebody else has changed ${id} meanwhile. ${isBoth ? "Look at both values above; Save puts yours in place." : "Their change is above. Save adds yours to it."}`;
  };

  return (
    <Modal title={`Edit ${id}`} size="small" onClose={() => props.onClose()}>
      <DialogForm action="Save" busyAction="Saving…" problem={problem} explain={explain} onSubmit={save}>
        <div class="stack">
          <Field
            label="Name"
            error={isTried() ? nameProblem() : undefined}
            hint="It stays, whatever the orchestrator calls itself."
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
          <Field label="Location" hint="Empty: none. It stays, whatever the orchestrator says.">
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

/** What somebody else has made of a field that was edited here too. */
function Theirs(props: { value: string | undefined; onTake: (value: string) => void }) {
  return (
    <Show when={props.value !== undefined}>
      <p class="org-offer" role="status">
        <span>
          Somebody else has set it to <Name of={props.value || "none"} />.
        </span>
        <button class="button" type="button" onClick={() => props.onTake(props.value ?? "")}>
          Take theirs
        </button>
      </p>
    </Show>
  );
}

/** The orchestrator's own value, where another one is set. */
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
            Its orchestrator reports <Name of={reported()} />.
          </span>
          <button class="button" type="button" onClick={() => props.onTake(reported())}>
            Use the {props.what} that it reports
          </button>
        </p>
      )}
    </Show>
  );
}
