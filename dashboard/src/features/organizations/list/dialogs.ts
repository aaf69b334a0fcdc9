import { createSignal } from "solid-js";

export type Dialog = { kind: "add" } | { kind: "delete"; id: string };

const [dialog, setDialog] = createSignal<Dialog | null>(null);

/** The open dialog of the organizations page: rows, keys and buttons request one, the page shows it. */
export { dialog };

export const askToAdd = (): void => void setDialog({ kind: "add" });
export const askToDelete = (id: string): void => void setDialog({ kind: "delete", id });
export const closeDialog = (): void => void setDialog(null);
