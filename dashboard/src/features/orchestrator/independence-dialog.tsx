import { createSignal, createUniqueId, For, Show } from "solid-js";
import { closeModal, Modal } from "../../ui/modal.tsx";

const SET_FREE = [
  "Its heartbeats are no longer recorded, and “last seen” stops updating.",
  "It receives no configuration. Published revisions wait until it is managed again.",
  "It receives no messages, and its messages are hidden.",
  "It keeps working, and you can manage it again at any time.",
];
const TAKE_BACK = [
  "Its heartbeats are recorded again, starting with the next one.",
  "Configuration that was published in the meantime is sent.",
  "Its messages are shown again.",
];

interface IndependenceDialogProps {
  orchestratorId: string;
  /** The current mode; the dialog offers the other one. */
  isIndependent: boolean;
  isPrivate: boolean;
  onConfirm: (isIndependent: boolean, privacyMode?: boolean) => void;
  onClose: () => void;
}

/** Explains the consequences before the mode changes. The focus starts on Cancel. */
export function IndependenceDialog(props: IndependenceDialogProps) {
  const text = createUniqueId();
  const privacy = createUniqueId();
  // The value at the time of opening: the page behind keeps changing.
  const { isIndependent } = props;
  const [isPrivate, setPrivate] = createSignal(props.isPrivate);

  const confirm = (event: { currentTarget: Element }) => {
    closeModal(event);
    if (isIndependent) props.onConfirm(false);
    else props.onConfirm(true, isPrivate());
  };

  return (
    <Modal
      title={isIndependent ? `Manage ${props.orchestratorId} again?` : `Set ${props.orchestratorId} independent?`}
      size="small"
      describedBy={text}
      onClose={() => props.onClose()}
      footer={
        <>
          <button class="button" type="button" autofocus onClick={closeModal}>
            Cancel
          </button>
          <button class="button" data-kind={isIndependent ? "primary" : "danger"} type="button" onClick={confirm}>
            {isIndependent ? "Manage again" : "Set independent"}
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
            Also stores nothing that it reports: no metrics, usage, metadata or error messages.
          </p>
        </div>
      </Show>
    </Modal>
  );
}
