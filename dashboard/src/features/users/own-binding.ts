import { type Accessor, createSignal } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { useList } from "../../live/query.ts";

type Binding = readonly string[] | null;

/** The organizations that the person at the page is bound to; null: none, or not known yet. */
export function useOwnBinding(): Accessor<Binding> {
  const query = useList(
    () => ["me"],
    async (signal) => (await ask(api.GET("/api/v1/internal/auth/me", { signal }))).user,
  );
  return () => query.data?.organizations ?? null;
}

/** What is chosen in a form: at first all, or for who is bound nothing yet. */
export function createBinding(own: Accessor<Binding>, initial?: Binding) {
  const [chosen, setChosen] = createSignal<Binding | undefined>(initial);
  const binding = (): Binding => {
    const choice = chosen();
    return choice === undefined ? (own() === null ? null : []) : choice;
  };
  return [binding, (organizations: Binding) => setChosen(() => organizations)] as const;
}

/** What is wrong with it, in words. */
export function bindingProblem(binding: Binding): string | undefined {
  return binding?.length === 0 ? "Choose at least one organization." : undefined;
}
