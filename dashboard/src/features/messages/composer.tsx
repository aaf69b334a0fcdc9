import { createSignal } from "solid-js";
import { MAX_TEXT_BYTES } from "../../../../worker/contract/values/limits.ts";
import { MESSAGE_SEVERITIES, MESSAGE_TYPES } from "../../../../worker/contract/values/messages.ts";
import { capitalize } from "../../lib/capital.ts";
import { type Failure, outcomeOf } from "../../lib/failure.ts";
import { isId } from "../../lib/id.ts";
import { formatBytes } from "../../lib/numbers.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { Field } from "../../ui/field.tsx";
import { Modal } from "../../ui/modal.tsx";
import { Select } from "../../ui/select.tsx";
import { notify } from "../../ui/toast.tsx";
import { suggestOrchestrators, TextFilter } from "../records/text-filter.tsx";
import { sendMessage } from "./api.ts";
import { TYPE_WORDS } from "./place-words.ts";
import "./composer.css";

const TYPE_OPTIONS = MESSAGE_TYPES.map((value) => ({ value, label: TYPE_WORDS[value] }));
const SEVERITY_OPTIONS = [
  { value: "", label: "None" },
  ...MESSAGE_SEVERITIES.map((value) => ({ value, label: capitalize(value) })),
];

/** A form that sends a message to one orchestrator. */
export function Composer(props: { to?: string | undefined; onClose: () => void }) {
  const [to, setTo] = createSignal(props.to ?? "");
  const [type, setType] = createSignal<(typeof MESSAGE_TYPES)[number]>("recommendation");
  const [severity, setSeverity] = createSignal("");
  const [content, setContent] = createSignal("");
  const bytes = () => new TextEncoder().encode(content()).byteLength;
  const isTooLong = () => bytes() > MAX_TEXT_BYTES;

  const missing = () => {
    if (to() === "") return "Enter the recipient's orchestrator ID.";
    if (content().trim() === "") return "Enter a message.";
    return isTooLong() ? "The message is too long." : null;
  };
  const send = async (_: FormData, close: () => void) => {
    const metadata = severity() === "" ? {} : { metadata: { severity: severity() } };
    const { pushed } = await sendMessage(to(), { message_type: type(), content: content(), ...metadata });
    notify({
      tone: "success",
      text: pushed
        ? `Message sent to ${to()}. Its next heartbeat confirms delivery.`
        : `Message queued. It is delivered when ${to()} connects.`,
    });
    close();
  };

  return (
    <Modal title="New message" onClose={() => props.onClose()}>
      <DialogForm action="Send message" busyAction="Sending…" problem={missing} explain={explain} onSubmit={send}>
        <div class="field">
          <span class="msg-label" aria-hidden="true">
            Orchestrator
          </span>
          <TextFilter
            label="Orchestrator"
            placeholder="Orchestrator ID"
            type="text"
            ref={(input) => {
              input.autofocus = props.to === undefined;
            }}
            value={to()}
            problemOf={(text) => (isId(text) ? null : "This is not a valid orchestrator ID.")}
            suggest={suggestOrchestrators}
            onChange={setTo}
          />
        </div>
        <div class="msg-pair">
          <Field label="Type">
            {(control) => <Select {...control} options={TYPE_OPTIONS} value={type()} onChange={setType} />}
          </Field>
          <Field label="Severity">
            {(control) => <Select {...control} options={SEVERITY_OPTIONS} value={severity()} onChange={setSeverity} />}
          </Field>
        </div>
        <Field
          label="Message"
          hint={`Plain text, ${formatBytes(bytes())} of ${formatBytes(MAX_TEXT_BYTES)}`}
          error={isTooLong() ? "The message is too long." : undefined}
        >
          {(control) => (
            <textarea
              {...control}
              autofocus={props.to !== undefined}
              rows="6"
              value={content()}
              onInput={(event) => setContent(event.currentTarget.value)}
            />
          )}
        </Field>
      </DialogForm>
    </Modal>
  );
}

function explain(failure: Failure): string {
  return failure.isAccepted
    ? "Message accepted. It will be stored when the database is available again. Do not send it again."
    : outcomeOf(failure, "The message was not sent.");
}
