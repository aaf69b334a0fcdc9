import { createSignal } from "solid-js";
import { MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../lib/api.ts";
import { controllerNow } from "../../lib/controller-time.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Field } from "../../ui/field.tsx";
import { type Secret, SecretDialog } from "../../ui/secret-dialog.tsx";
import { Select } from "../../ui/select.tsx";
import { type Expiry, endOf, expiryOptions } from "./expiry.ts";
import { agentSecret } from "./secrets.ts";

const EXPIRIES = expiryOptions(["never", "365", "90", "30", "7", "1"]);

interface AgentTokenDialogProps {
  orchestratorId: string;
  onMade: () => void;
  onClose: () => void;
}

export function AgentTokenDialog(props: AgentTokenDialogProps) {
  const id = props.orchestratorId;
  const [expiry, setExpiry] = createSignal<Expiry>("never");
  const [secret, setSecret] = createSignal<Secret | null>(null);
  const make = async (data: FormData) => {
    const label = String(data.get("label")).trim();
    const body = { ...(label && { label }), expires_at: endOf(expiry(), controllerNow()) };
    const params = { path: { orchestrator_id: id } };
    const call = api.POST("/api/v1/controller/orchestrators/{orchestrator_id}/tokens", { params, body });
    const { agent_token: token, key_id: keyId } = (await ask(call)).data;
    setSecret({
      title: `Agent token ${keyId} for ${id}`,
      note: "This token is shown only once. Start the orchestrator with it. An open connection stays open.",
      lines: agentSecret(id, token, location),
    });
    props.onMade();
  };
  return (
    <SecretDialog title={`New agent token for ${id}`} secret={secret()} onClose={() => props.onClose()}>
      <DialogForm action="Create" busyAction="Creating…" onSubmit={make}>
        <Field label="Label" hint="Optional. Helps you recognize the token, for example prod-eu-1.">
          {(control) => <input {...control} name="label" autofocus autocomplete="off" maxlength={MAX_NAME_CHARS} />}
        </Field>
        <Field label="Valid for" hint="After that, the orchestrator cannot connect until it has a new token.">
          {(control) => <Select {...control} options={EXPIRIES} value={expiry()} onChange={setExpiry} />}
        </Field>
      </DialogForm>
    </SecretDialog>
  );
}
