import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { type Failure, toFailure } from "../../lib/failure.ts";
import { Field } from "../../ui/field.tsx";
import { closeModal, Modal } from "../../ui/modal.tsx";
import { KNOWN_FEATURES } from "../config/form.ts";
import { isIdTaken } from "./api.ts";
import { Created } from "./created.tsx";
import { idProblem } from "./organization-id.ts";

interface AddDialogProps {
  onCreated: () => void;
  onClose: () => void;
}

interface Draft {
  id: string;
  name: string;
  location: string;
  features: string[];
}

const FEATURE_WORDS: Readonly<Record<string, string>> = { cache: "Cache", firewall: "Firewall" };

/** Creates an organization with one orchestrator, and stays until that one is there. */
export function AddDialog(props: AddDialogProps) {
  const [created, setCreated] = createSignal<{ id: string; agentToken: string | null } | null>(null);
  return (
    <Modal title={created() ? `Connect ${created()?.id}` : "Add organization"} onClose={() => props.onClose()}>
      <Show
        when={created()}
        fallback={
          <AddForm
            onCreated={(id, agentToken) => {
              setCreated({ id, agentToken });
              props.onCreated();
            }}
          />
        }
      >
        {(known) => <Created id={known().id} agentToken={known().agentToken} />}
      </Show>
    </Modal>
  );
}

function AddForm(props: { onCreated: (id: string, agentToken: string | null) => void }) {
  const [idError, setIdError] = createSignal<string>();
  const [problem, setProblem] = createSignal("");
  const [isBusy, setBusy] = createSignal(false);
  /** An organization of an attempt before, whose orchestrator could not be registered. */
  let half: string | null = null;

  /** The pattern, and whether it is taken; the controller has the last word when it is created. */
  const checkId = async (id: string) => {
    const wrong = idProblem(id);
    setIdError(wrong ?? undefined);
    if (wrong) return;
    if (id !== half && (await isIdTaken(id).catch(() => false))) setIdError(`${id} exists already.`);
  };

  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    if (isBusy()) return;
    const draft = readDraft(event.currentTarget);
    const wrong = idProblem(draft.id);
    setIdError(wrong ?? undefined);
    if (wrong) return focusId(event.currentTarget);
    setBusy(true);
    setProblem("");
    try {
      if (half !== draft.id) await createOrganization(draft);
      half = draft.id;
      props.onCreated(draft.id, await registerOrchestrator(draft));
    } catch (error) {
      const failure = toFailure(error);
      if (failure.code === "already_exists") {
        setIdError(`${draft.id} exists already.`);
        focusId(event.currentTarget);
      } else setProblem(explain(failure, half === draft.id));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="stack" novalidate onSubmit={(event) => void submit(event)}>
      <Field label="Id" error={idError()} hint="Of the organization and of its orchestrator. It stays.">
        {(control) => (
          <input
            {...control}
            name="id"
            autofocus
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxlength={64}
            onInput={() => setIdError(undefined)}
            onBlur={(event) => event.currentTarget.value !== "" && void checkId(event.currentTarget.value.trim())}
          />
        )}
      </Field>
      <Field label="Name" hint="The id when it is left empty. What the orchestrator says of itself replaces it.">
        {(control) => <input {...control} name="name" autocomplete="off" maxlength={255} />}
      </Field>
      <Field label="Location" hint="For example eu-west or Frankfurt.">
        {(control) => <input {...control} name="location" autocomplete="off" maxlength={255} />}
      </Field>
      <fieldset class="add-features">
        <legend>Features to begin with</legend>
        <For each={KNOWN_FEATURES}>
          {(feature) => (
            <label>
              <input type="checkbox" name="features" value={feature} /> {FEATURE_WORDS[feature] ?? feature}
            </label>
          )}
        </For>
      </fieldset>
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
          {isBusy() ? "Creating…" : "Create"}
        </button>
      </div>
    </form>
  );
}

function readDraft(form: HTMLFormElement): Draft {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? "").trim();
  return {
    id: text("id"),
    name: text("name"),
    location: text("location"),
    features: data.getAll("features").map(String),
  };
}

function focusId(form: HTMLFormElement): void {
  form.querySelector<HTMLInputElement>("[name=id]")?.focus();
}

function profileOf({ name, location }: Draft) {
  return { ...(name && { name }), ...(location && { location }) };
}

async function createOrganization(draft: Draft): Promise<void> {
  const features = Object.fromEntries(draft.features.map((feature) => [feature, { enabled: true }]));
  const body = { org_id: draft.id, ...profileOf(draft), ...(draft.features.length > 0 && { features }) };
  await ask(api.POST("/api/v1/controller/organizations", { body }));
}

/** The token of the orchestrator, which is told this once; null: it was registered before. */
async function registerOrchestrator(draft: Draft): Promise<string | null> {
  const body = { orchestrator_id: draft.id, organization_id: draft.id, ...profileOf(draft) };
  return (await ask(api.POST("/api/v1/internal/orchestrators/register", { body }))).agent_token ?? null;
}

function explain({ code, message }: Failure, isHalf: boolean): string {
  if (isHalf) return `The organization was created, its orchestrator was not: ${message}. Press Create to finish.`;
  if (code === "forbidden") return "Your role may not create organizations.";
  return `${message}. Nothing was created.`;
}
