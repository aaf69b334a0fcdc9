import { type Accessor, createSignal } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { useList } from "../../live/query.ts";

type Binding = readonly string[] | null;

/** The organizations of the current user; null: all, or not loaded yet. */
export function useOwnBinding(): Accessor<Binding> {
  const query = useList(
    () => ["me"],
    async (signal) => (await ask(api.GET("/api/v1/internal/auth/me", { signal }))).user,
  );
  return () => query.data?.organizations ?? null;
}

/** The selection in a form. It starts with all organizations, or empty for a user who does not have access to all. */
export function createBinding(own: Accessor<Binding>, initial?: Binding) {
  const [chosen, setChosen] = createSignal<Binding | undefined>(initial);
  const binding = (): Binding => {
    const choice = chosen();
    return choice === undefined ? (own() === null ? null : []) : choice;
  };
  return [binding, (organizations: Binding) => setChosen(() => organizations)] as const;
}

/** Why the selection is not valid, or undefined. */
export function bindingProblem(binding: Binding): string | undefined {
  return binding?.length === 0 ? "Select at least one organization." : undefined;
}
