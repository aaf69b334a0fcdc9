import { createSignal, createUniqueId, For, Show } from "solid-js";
import { closeModal, Modal } from "../../ui/modal.tsx";

const SET_FREE = [
  "Its heartbeats are no longer recorded: last seen stands still.",
  "It gets no configuration: what is published waits until it is managed again.",
  "It gets no messages, and its messages are hidden.",
  "It keeps working, and you can take it back at any time.",
];
const TAKE_BACK = [
  "Its heartbeats count again, from the next one on.",
  "Configuration that changed meanwhile is sent to it.",
  "Its messages are shown again.",
];

interface IndependenceDialogProps {
  orchestratorId: string;
  /** What it is now; the dialog asks for the other. */
  isIndependent: boolean;
  isPrivate: boolean;
  onConfirm: (isIndependent: boolean, privacyMode?: boolean) => void;
  onClose: () => void;
}

/** What stops or starts, before it does. The focus starts on Cancel. */
export function IndependenceDialog(props: IndependenceDialogProps) {
  const text = createUniqueId();
  const privacy = createUniqueId();
  // As it was when the question was asked: the page behind goes on changing.
  const { isIndependent } = props;
  const [isPrivate, setPrivate] = createSignal(props.isPrivate);

  const confirm = (event: { currentTarget: Element }) => {
    closeModal(event);
    if (isIndependent) props.onConfirm(false);
    else props.onConfirm(true, isPrivate());
  };

  return (
    <Modal
      title={
        isIndependent
          ? `Take ${props.orchestratorId} back under control?`
          : `Let ${props.orchestratorId} operate independently?`
      }
      size="small"
      describedBy={text}
      onClose={() => props.onClose()}
      footer={
        <>
          <button class="button" type="button" autofocus onClick={closeModal}>
            Cancel
          </button>
          <button class="button" data-kind={isIndependent ? "primary" : "danger"} type="button" onClick={confirm}>
            {isIndependent ? "Take back" : "Set independent"}
          </button>
        </>
      }
    >
      <ul class="consequences" id={text}>
        <For each={isIndependent ? TAKE_BACK : SET_FREE}>{(line) => <li>{line}</li>}</For>
      </ul>
      <Show when={!isIndependent}>
        <div class="check">
          <input
            id={privacy}
            type="checkbox"
            checked={isPrivate()}
            aria-describedby={`${privacy}-hint`}
            onChange={(event) => setPrivate(event.currentTarget.checked)}
          />
          <label for={privacy}>Privacy mode</label>
          <p class="hint" id={`${privacy}-hint`}>
            Nothing that it reports is kept either: metrics, usage, metadata and error texts.
          </p>
        </div>
      </Show>
    </Modal>
  );
}
