import { useCommands } from "../../../lib/commands.ts";
import { stepCommands } from "../../../ui/list-cursor.ts";
import { isPopoverOpen } from "../../../ui/popover.tsx";
import { mayAdminister } from "../../session/session.ts";
import { askToAdd } from "./dialogs.ts";
import type { ListParts } from "./list-parts.ts";

/** The keyboard shortcuts of the list. */
export function useListCommands(list: ListParts): void {
  const { cursor, state, selection } = list;
  const inList = () => cursor.hasFocus();
  const group = "Organizations";
  useCommands(() => [
    ...stepCommands("organizations", group, "organization", cursor.moveBy),
    {
      id: "organizations:open",
      title: "Open organization",
      group,
      keys: "Enter",
      run: () => list.openDetail(cursor.index()),
      isEnabled: inList,
      isHidden: true,
    },
    {
      id: "organizations:select",
      title: "Select organization",
      group,
      keys: "Space",
      run: () => list.toggle(cursor.index(), false),
      isEnabled: inList,
      isHidden: true,
    },
    {
      id: "organizations:range",
      title: "Select range",
      group,
      keys: "x",
      run: () => list.selectRange(cursor.index()),
      isEnabled: inList,
      isHidden: true,
    },
    {
      id: "organizations:expand",
      title: "Show or hide orchestrators",
      group,
      keys: "o",
      run: () => list.expand(cursor.index()),
      isEnabled: inList,
      isHidden: true,
    },
    { id: "organizations:add", title: "Add organization", group, keys: "a", run: askToAdd, isEnabled: mayAdminister },
    {
      id: "organizations:view",
      title: "Switch between table and cards",
      group,
      keys: "v",
      run: () => state.setView(state.view() === "table" ? "cards" : "table"),
      isEnabled: () => !state.isNarrow(),
    },
    {
      id: "organizations:clear",
      title: "Clear selection",
      group,
      keys: "Escape",
      run: selection.clear,
      isEnabled: () => selection.size() > 0 && !isPopoverOpen(),
    },
  ]);
}
