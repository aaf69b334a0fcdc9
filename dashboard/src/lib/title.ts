import { createEffect, createRoot, createSignal } from "solid-js";
import { nameInText } from "../../../common/text.ts";

const [page, setPageTitle] = createSignal<string | null>(null);
const [attention, setAttention] = createSignal(0);

export { attention, setAttention, setPageTitle };

/** "(3) Organizations – Moolai Controller". */
export function composeTitle(name: string | null, needAttention: number): string {
  const count = needAttention > 0 ? `(${needAttention}) ` : "";
  return `${count}${name === null ? "" : `${nameInText(name)} – `}Moolai Controller`;
}

createRoot(() =>
  createEffect(() => {
    document.title = composeTitle(page(), attention());
  }),
);
