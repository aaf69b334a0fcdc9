import { type Accessor, createMemo, createRoot, createSignal, onCleanup } from "solid-js";
import { preferences } from "./preferences.ts";

/** An action of the page, available by shortcut and in the palette, and listed in the help. */
export interface Command {
  id: string;
  title: string;
  /** Heading in the palette and the help. */
  group: string;
  /** "j", "/", "?", "mod+k" (Ctrl or Command), or a sequence: "g o". */
  keys?: string;
  run(): void;
  isEnabled?(): boolean;
  /** Listed in the help, but not in the palette. */
  isHidden?: boolean;
}

/** The maximum time between the two keys of a sequence. */
const SEQUENCE_MS = 1000;

const [lists, setLists] = createSignal<readonly Accessor<Command[]>[]>([]);

/** All current commands; of two with the same id, the one registered last. */
export const commands = createRoot(() =>
  createMemo(() => [...new Map(lists().flatMap((list) => list().map((command) => [command.id, command]))).values()]),
);

/** Registers commands for the life of the owner. */
export function useCommands(list: () => Command[]): void {
  setLists((known) => [...known, list]);
  onCleanup(() => setLists((known) => known.filter((other) => other !== list)));
}

/** The key in the notation of commands, or null for a modifier alone. Shift is part of the character: "?" and "G". */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string | null {
  if (["Shift", "Control", "Alt", "Meta", "Dead", "Process"].includes(event.key)) return null;
  const key = event.key === " " ? "Space" : event.key;
  const modifier = event.ctrlKey || event.metaKey ? "mod+" : "";
  return `${modifier}${event.altKey ? "alt+" : ""}${modifier ? key.toLowerCase() : key}`;
}

/** What a key triggers after the pending keys: a command, the start of a sequence, or nothing. */
export function findCommand(
  list: readonly Command[],
  pending: string | null,
  key: string,
): { command: Command | null; pending: string | null } {
  const typed = pending === null ? key : `${pending} ${key}`;
  const usable = list.filter((command) => command.keys !== undefined && (command.isEnabled?.() ?? true));
  const command = usable.findLast((candidate) => candidate.keys === typed) ?? null;
  if (command) return { command, pending: null };
  if (usable.some((candidate) => candidate.keys?.startsWith(`${typed} `))) return { command: null, pending: typed };
  // Not the second key of a sequence, so treat it on its own.
  return pending === null ? { command: null, pending: null } : findCommand(list, null, key);
}

function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

/** Enter and Space belong to the focused element if it can be activated. */
function isPressed(key: string, target: EventTarget | null): boolean {
  if (key !== "Enter" && key !== "Space") return false;
  return (
    target instanceof Element && target.closest("a, button, input, summary, [role=button], [role=menuitem]") !== null
  );
}

/** Handles the keys of all commands, for the life of the owner. */
export function listenForCommands(): void {
  let pending: string | null = null;
  let pendingAt = 0;

  const press = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = keyName(event);
    if (key === null) return;
    const isChord = key.startsWith("mod+") || key.startsWith("alt+");
    // Single keys could fire while the user types or dictates, so they can be turned off (WCAG 2.1.4).
    if (!isChord && (isEditable(event.target) || !preferences.areShortcutsOn)) return;
    if (isPressed(key, event.target) || document.querySelector("dialog[open], [role=menu]")) return;
    if (event.timeStamp - pendingAt > SEQUENCE_MS) pending = null;
    const found = findCommand(commands(), pending, key);
    pending = found.pending;
    pendingAt = event.timeStamp;
    if (!found.command && found.pending === null) return;
    event.preventDefault();
    found.command?.run();
  };

  window.addEventListener("keydown", press);
  onCleanup(() => window.removeEventListener("keydown", press));
}

/** "mod+k" → ["Ctrl", "K"], for display. */
export function keyLabels(keys: string): string[] {
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return keys.split(/[ +]/).map((part) => {
    if (part === "mod") return isMac ? "⌘" : "Ctrl";
    if (part === "alt") return isMac ? "⌥" : "Alt";
    return keys.includes("+") ? part.toUpperCase() : part;
  });
}
