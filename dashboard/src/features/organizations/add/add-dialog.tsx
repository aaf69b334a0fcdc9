import { createSignal, For, Show } from "solid-js";
import { MAX_ID_CHARS } from "../../../../../worker/contract/values/ids.ts";
import { MAX_NAME_CHARS } from "../../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../../lib/api.ts";
import { type Failure, outcomeOf, toFailure } from "../../../lib/failure.ts";
import { idProblem } from "../../../lib/organization-id.ts";
import { useFleet } from "../../../live/context.ts";
import { DialogForm } from "../../../ui/dialog-form.tsx";
import { Field } from "../../../ui/field.tsx";
import { OnceDialog } from "../../../ui/once-dialog.tsx";
import { KNOWN_FEATURES } from "../../config/form.ts";
import { isIdTaken } from "../list/api.ts";
import { Created } from "./created.tsx";
import "./add.css";

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

const NOTHING_CREATED = "Nothing was created. Check the fields above.";
const FEATURE_WORDS: Readonly<Record<string, string>> = { cache: "Cache", firewall: "Firewall" };

/** Creates an organization with one orchestrator, then waits for its first connection. */
export function AddDialog(props: AddDialogProps) {
  const fleet = useFleet();
  const [created, setCreated] = createSignal<{ id: string; agentToken: string | null } | null>(null);
  // Once the orchestrator has connected, it has its token.
  const hasSecret = () => {
    const known = created();
    return known !== null && known.agentToken !== null && !fleet.row(known.id)?.connected;
  };
  return (
    <OnceDialog
      title={created() ? `Connect ${created()?.id}` : "Add organization"}
      isDone={created() !== null}
      hasSecret={hasSecret()}
      onClose={() => props.onClose()}
    >
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
    </OnceDialog>
  );
}

function AddForm(props: { onCreated: (id: string, agentToken: string | null) => void }) {
  const [id, setId] = createSignal("");
  const [idError, setIdError] = createSignal<string>();
  /** An organization that an earlier attempt created without its orchestrator. */
  let half: string | null = null;

  const problem = () => {
    setIdError(idProblem(id()) ?? undefined);
    return idError() ? NOTHING_CREATED : null;
  };
  /** Checks the pattern and whether the ID is taken; the controller checks again on creation. */
  const checkId = async () => {
    const asked = id();
    if (asked === "" || problem() || asked === half) return;
    const isTaken = await isIdTaken(asked).catch(() => false);
    if (isTaken && asked === id()) setIdError(`${asked} already exists.`);
  };
  const create = async (data: FormData) => {
    const draft = readDraft(data);
    if (half !== draft.id) await createOrganization(draft);
    half = draft.id;
    props.onCreated(draft.id, await registerOrchestrator(draft));
  };
  const explain = (failure: Failure) => {
    if (failure.code === "already_exists") {
      setIdError(`${id()} already exists.`);
      return NOTHING_CREATED;
    }
    return describe(failure, half === id());
  };

  return (
    <DialogForm action="Create" busyAction="Creating…" problem={problem} explain={explain} onSubmit={create}>
      <Field
        label="ID"
        error={idError()}
        hint="Used for the organization and its orchestrator. It cannot be changed later."
      >
        {(control) => (
          <input
            {...control}
            name="id"
            autofocus
            required
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            maxlength={MAX_ID_CHARS}
            onInput={(event) => {
              setId(event.currentTarget.value.trim());
              setIdError(undefined);
            }}
            onBlur={() => void checkId()}
          />
        )}
      </Field>
      <Field label="Name" hint="Optional. Overrides the name that the orchestrator reports.">
        {(control) => <input {...control} name="name" autocomplete="off" maxlength={MAX_NAME_CHARS} />}
      </Field>
      <Field
        label="Location"
        hint="Optional, for example eu-west. Overrides the location that the orchestrator reports."
      >
        {(control) => <input {...control} name="location" autocomplete="off" maxlength={MAX_NAME_CHARS} />}
      </Field>
      <fieldset class="add-features">
        <legend>Initial features</legend>
        <For each={KNOWN_FEATURES}>
          {(feature) => (
            <label>
              <input type="checkbox" name="features" value={feature} /> {FEATURE_WORDS[feature] ?? feature}
            </label>
          )}
        </For>
      </fieldset>
    </DialogForm>
  );
}

function readDraft(data: FormData): Draft {
  const text = (name: string) => String(data.get(name) ?? "").trim();
  return {
    id: text("id"),
    name: text("name"),
    location: text("location"),
    features: data.getAll("features").map(String),
  };
}

function profileOf({ name, location }: Draft) {
  return { ...(name && { name }), ...(location && { location }) };
}

async function createOrganization(draft: Draft): Promise<void> {
  const features = Object.fromEntries(draft.features.map((feature) => [feature, { enabled: true }]));
  const body = { org_id: draft.id, ...profileOf(draft), ...(draft.features.length > 0 && { features }) };
  await ask(api.POST("/api/v1/controller/organizations", { body })).catch((error: unknown) => {
    // The organization exists; its features are sent a little later.
    if (!toFailure(error).isAccepted) throw error;
  });
}

/** The agent token of the orchestrator, which is returned only once; null: it was registered before. */
async function registerOrchestrator(draft: Draft): Promise<string | null> {
  const body = { orchestrator_id: draft.id, organization_id: draft.id, ...profileOf(draft) };
  return (await ask(api.POST("/api/v1/internal/orchestrators/register", { body }))).agent_token ?? null;
}

function describe(failure: Failure, isHalf: boolean): string {
  if (isHalf)
    return `The organization was created, but its orchestrator was not: ${failure.message}. Press Create to finish.`;
  if (failure.code === "forbidden") return "Your role cannot create organizations.";
  return outcomeOf(failure, "Nothing was created.");
}
