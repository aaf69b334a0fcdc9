import { type Accessor, createMemo, createRoot, createSignal, onCleanup } from "solid-js";
import { preferences } from "./preferences.ts";

/** Something that can be done on the page: by key, from the palette, and listed in the help. */
export interface Command {
  id: string;
  title: string;
  /** Heading in the palette and the help. */
  group: string;
  /** "j", "/", "?", "mod+k" (Ctrl or Command), or a sequence: "g o". */
  keys?: string;
  run(): void;
  isEnabled?(): boolean;
  /** Known to the help, not offered in the palette. */
  isHidden?: boolean;
}

/** The second key of a sequence has to come within this time. */
const SEQUENCE_MS = 1000;

const [lists, setLists] = createSignal<readonly Accessor<Command[]>[]>([]);

/** Every command of what is on the page now; of two with one id the one registered last. */
export const commands = createRoot(() =>
  createMemo(() => [...new Map(lists().flatMap((list) => list().map((command) => [command.id, command]))).values()]),
);

/** Offers commands for the life of the owner. */
export function useCommands(list: () => Command[]): void {
  setLists((known) => [...known, list]);
  onCleanup(() => setLists((known) => known.filter((other) => other !== list)));
}

/** The key as commands spell it, or null for a modifier alone. Shift is part of the character: "?" and "G". */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string | null {
  if (["Shift", "Control", "Alt", "Meta", "Dead", "Process"].includes(event.key)) return null;
  const key = event.key === " " ? "Space" : event.key;
  const modifier = event.ctrlKey || event.metaKey ? "mod+" : "";
  return `${modifier}${event.altKey ? "alt+" : ""}${modifier ? key.toLowerCase() : key}`;
}

/** What a key does after the keys before it: a command, the start of a sequence, or nothing. */
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
  // Not the second key of a sequence after all: it counts by itself.
  return pending === null ? { command: null, pending: null } : findCommand(list, null, key);
}

function isEditable(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

/** Enter and Space belong to what has the focus, if that can be pressed. */
function isPressed(key: string, target: EventTarget | null): boolean {
  if (key !== "Enter" && key !== "Space") return false;
  return (
    target instanceof Element && target.closest("a, button, input, summary, [role=button], [role=menuitem]") !== null
  );
}

/** The one listener for all of them, for the life of the owner. */
export function listenForCommands(): void {
  let pending: string | null = null;
  let pendingAt = 0;

  const press = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = keyName(event);
    if (key === null) return;
    const isChord = key.startsWith("mod+") || key.startsWith("alt+");
    // Single keys would fire while someone types or speaks, so they can be switched off (WCAG 2.1.4).
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

/** "mod+k" → ["Ctrl", "K"], for the eye. */
export function keyLabels(keys: string): string[] {
  const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return keys.split(/[ +]/).map((part) => {
    if (part === "mod") return isMac ? "⌘" : "Ctrl";
    if (part === "alt") return isMac ? "⌥" : "Alt";
    return keys.includes("+") ? part.toUpperCase() : part;
  });
}
