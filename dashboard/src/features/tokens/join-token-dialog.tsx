import { createSignal } from "solid-js";
import { MAX_ID_CHARS } from "../../../../worker/contract/values/ids.ts";
import { MAX_JOIN_USES, MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../lib/api.ts";
import { controllerNow } from "../../lib/controller-time.ts";
import { idProblem } from "../../lib/organization-id.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Field } from "../../ui/field.tsx";
import { type Secret, SecretDialog } from "../../ui/secret-dialog.tsx";
import { Select } from "../../ui/select.tsx";
import { type Expiry, endOf, expiryOptions } from "./expiry.ts";
import { joinSecret } from "./secrets.ts";

const EXPIRIES = expiryOptions(["1", "7", "30", "90"]);
interface JoinTokenDialogProps {
  organizationId: string;
  onMade: () => void;
  onClose: () => void;
}

export function JoinTokenDialog(props: JoinTokenDialogProps) {
  const [expiry, setExpiry] = createSignal<Expiry>("7");
  const [uses, setUses] = createSignal("1");
  const [orchestrator, setOrchestrator] = createSignal("");
  const [secret, setSecret] = createSignal<Secret | null>(null);
  const [isTried, setTried] = createSignal(false);
  const usesProblem = () => {
    const count = Number(uses());
    return Number.isInteger(count) && count >= 1 && count <= MAX_JOIN_USES
      ? undefined
      : "Enter a whole number from 1 to 10,000.";
  };
  const orchestratorProblem = () =>
    orchestrator().trim() ? (idProblem(orchestrator().trim()) ?? undefined) : undefined;
  const problem = () => {
    setTried(true);
    return usesProblem() || orchestratorProblem() ? "No token was created. Check the fields above." : null;
  };
  const make = async (data: FormData) => {
    const label = String(data.get("label")).trim();
    const orchestratorId = orchestrator().trim() || null;
    const body = {
      ...(label && { label }),
      orchestrator_id: orchestratorId,
      max_uses: Number(uses()),
      expires_at: endOf(expiry(), controllerNow()),
    };
    const params = { path: { organization_id: props.organizationId } };
    const call = api.POST("/api/v1/controller/organizations/{organization_id}/join-tokens", { params, body });
    const { join_token: token, key_id: keyId } = (await ask(call)).data;
    setSecret({
      title: `Join token ${keyId}`,
      note: "This token is shown only once. The command below returns the agent token with which the orchestrator connects.",
      lines: joinSecret(token, orchestratorId, location),
    });
    props.onMade();
  };
  return (
    <SecretDialog
      title={`New join token for ${props.organizationId}`}
      secret={secret()}
      onClose={() => props.onClose()}
    >
      <DialogForm action="Create" busyAction="Creating…" problem={problem} onSubmit={make}>
        <Field label="Label" hint="Optional. Helps you recognize the token.">
          {(control) => <input {...control} name="label" autofocus autocomplete="off" maxlength={MAX_NAME_CHARS} />}
        </Field>
        <Field
          label="Maximum uses"
          hint="How many orchestrators can join with it."
          error={isTried() ? usesProblem() : undefined}
        >
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              max={MAX_JOIN_USES}
              value={uses()}
              onInput={(event) => setUses(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field
          label="Only this orchestrator"
          hint="Optional ID. That orchestrator can then also replace a lost agent token. Empty: any orchestrator that is new or has no valid token."
          error={isTried() ? orchestratorProblem() : undefined}
        >
          {(control) => (
            <input
              {...control}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              maxlength={MAX_ID_CHARS}
              value={orchestrator()}
              onInput={(event) => setOrchestrator(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Valid for">
          {(control) => <Select {...control} options={EXPIRIES} value={expiry()} onChange={setExpiry} />}
        </Field>
      </DialogForm>
    </SecretDialog>
  );
}
