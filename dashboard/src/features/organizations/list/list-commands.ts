import { useCommands } from "../../../lib/commands.ts";
import { stepCommands } from "../../../ui/list-cursor.ts";
import { isPopoverOpen } from "../../../ui/popover.tsx";
import { mayAdminister } from "../../session/session.ts";
import { askToAdd } from "./dialogs.ts";
import type { ListParts } from "./list-parts.ts";

/** The keys of the list. */
export function useListCommands(list: ListParts): void {
  const { cursor, state, selection } = list;
  const inList = () => cursor.hasFocus();
  const group = "Organizations";
  useCommands(() => [
    ...stepCommands("organizations", group, "organization", cursor.moveBy),
    {
      id: "organizations:open",
      title: "Open the organization",
      group,
      keys: "Enter",
      run: () => list.openDetail(cursor.index()),
      isEnabled: inList,
      isHidden: true,
    },
    {
      id: "organizations:select",
      title: "Select the organization",
      group,
      keys: "Space",
      run: () => list.toggle(cursor.index(), false),
      isEnabled: inList,
      isHidden: true,
    },
    {
      id: "organizations:range",
      title: "Select from the last selected to here",
      group,
      keys: "x",
      run: () => list.selectRange(cursor.index()),
      isEnabled: inList,
      isHidden: true,
    },
    {
      id: "organizations:expand",
      title: "Show or hide the orchestrators",
      group,
      keys: "o",
      run: () => list.expand(cursor.index()),
      isEnabled: inList,
      isHidden: true,
    },
    { id: "organizations:add", title: "Add organization", group, keys: "a", run: askToAdd, isEnabled: mayAdminister },
    {
      id: "organizations:view",
      title: "Change between table and cards",
      group,
      keys: "v",
      run: () => state.setView(state.view() === "table" ? "cards" : "table"),
      isEnabled: () => !state.isNarrow(),
    },
    {
      id: "organizations:clear",
      title: "Clear the selection",
      group,
      keys: "Escape",
      run: selection.clear,
      isEnabled: () => selection.size() > 0 && !isPopoverOpen(),
    },
  ]);
}
