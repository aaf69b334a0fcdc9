import { commands } from "../../lib/commands.ts";
import { Modal } from "../../ui/modal.tsx";
import { ShortcutList, ShortcutSwitch } from "./shortcuts.tsx";

/** All shortcuts of the current page. */
export function HelpDialog(props: { onClose: () => void }) {
  return (
    <Modal title="Keyboard shortcuts" size="large" onClose={() => props.onClose()}>
      <ShortcutList commands={commands()} />
      <ShortcutSwitch />
    </Modal>
  );
}
