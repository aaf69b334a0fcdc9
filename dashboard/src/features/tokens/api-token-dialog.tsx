import { createSignal } from "solid-js";
import { nameInText } from "../../../../common/text.ts";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { controllerNow } from "../../lib/controller-time.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Field } from "../../ui/field.tsx";
import { type Secret, SecretDialog } from "../../ui/secret-dialog.tsx";
import { Select } from "../../ui/select.tsx";
import { BindingField } from "../users/binding-field.tsx";
import { bindingProblem, createBinding, useOwnBinding } from "../users/own-binding.ts";
import { type Expiry, endOf, expiryOptions } from "./expiry.ts";
import { apiSecret } from "./secrets.ts";

type Scope = components["schemas"]["ApiToken"]["scopes"][number];

const EXPIRIES = expiryOptions(["1", "7", "30", "90", "365", "never"]);
const SCOPES: { value: Scope; label: string; hint: string }[] = [
  { value: "read", label: "Read", hint: "Read-only access, like a viewer." },
  {
    value: "operate",
    label: "Operate",
    hint: "Reads, decides on messages, changes independence and publishes configurations.",
  },
  {
    value: "admin",
    label: "Admin",
    hint: "Operates, and manages organizations and their tokens. No access to users or API tokens.",
  },
];

/** Creates a token for a program, and shows it once. */
export function ApiTokenDialog(props: { onMade: () => void; onClose: () => void }) {
  const own = useOwnBinding();
  const [binding, setBinding] = createBinding(own);
  const [name, setName] = createSignal("");
  const [scope, setScope] = createSignal<Scope>("read");
  const [expiry, setExpiry] = createSignal<Expiry>("90");
  const [secret, setSecret] = createSignal<Secret | null>(null);
  const [isTried, setTried] = createSignal(false);
  const nameProblem = () => (name().trim() === "" ? "Enter a name." : undefined);
  const problem = () => {
    setTried(true);
    return nameProblem() || bindingProblem(binding()) ? "No token was created. Check the fields above." : null;
  };
  const make = async () => {
    const organizations = binding();
    const body = {
      name: name().trim(),
      scopes: [scope()],
      organizations: organizations && [...organizations],
      expires_at: endOf(expiry(), controllerNow()),
    };
    const { data } = await ask(api.POST("/api/v1/controller/api-tokens", { body }));
    setSecret({
      title: `API token ${nameInText(data.name, data.key_id)}`,
      note: "This token is shown only once. Programs send it in the Authorization header.",
      lines: apiSecret(data.api_token, location, scope() === "read" && data.expires_at !== null),
    });
    props.onMade();
  };
  return (
    <SecretDialog title="New API token" secret={secret()} onClose={() => props.onClose()}>
      <DialogForm action="Create" busyAction="Creating…" problem={problem} onSubmit={make}>
        <Field
          label="Name"
          hint="What the token is for, for example nightly export."
          error={isTried() ? nameProblem() : undefined}
        >
          {(control) => (
            <input
              {...control}
              autofocus
              required
              autocomplete="off"
              maxlength={100}
              value={name()}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Scope" hint={SCOPES.find(({ value }) => value === scope())?.hint}>
          {(control) => <Select {...control} options={SCOPES} value={scope()} onChange={setScope} />}
        </Field>
        <BindingField
          value={binding()}
          own={own()}
          onChange={setBinding}
          error={isTried() ? bindingProblem(binding()) : undefined}
        />
        <Field label="Valid for">
          {(control) => <Select {...control} options={EXPIRIES} value={expiry()} onChange={setExpiry} />}
        </Field>
      </DialogForm>
    </SecretDialog>
  );
}
