import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import type { components } from "../../lib/api-schema.d.ts";
import { toFailure } from "../../lib/failure.ts";
import { plural } from "../../lib/numbers.ts";
import { zone } from "../../lib/preferences.ts";
import { clockTime, momentOf } from "../../lib/time.ts";
import { useList } from "../../live/query.ts";
import { notify } from "../../ui/toast.tsx";

type Throttle = components["schemas"]["LoginThrottles"]["items"][number];

const LOOK_MS = 15_000;

/** Who cannot log in at the moment after too many failures, with a way to let them try again. Nothing when nobody is. */
export function LockedOut() {
  const query = useList<{ items: (Throttle & { id: string })[] }>(
    () => ["login-throttles"],
    async (signal) => {
      const { items } = (await ask(api.GET("/api/v1/controller/login-throttles", { signal }))).data;
      return { items: items.map((item) => ({ ...item, id: JSON.stringify([item.username, item.address]) })) };
    },
    { everyMs: LOOK_MS },
  );
  const [lifting, setLifting] = createSignal<string | null>(null);
  const lift = async ({ id, username, address }: Throttle & { id: string }) => {
    if (lifting() !== null) return;
    setLifting(id);
    try {
      await ask(api.POST("/api/v1/controller/login-throttles/lift", { body: { username, address } }));
      notify({ tone: "success", text: `${username ?? "Everybody"} can try again from ${address}.` });
    } catch (error) {
      notify({ tone: "danger", text: `Not lifted: ${toFailure(error).message}` });
    } finally {
      setLifting(null);
      void query.refetch();
    }
  };
  return (
    <Show when={(query.data?.items.length ?? 0) > 0}>
      <section class="panel locked-out" aria-labelledby="locked-out-title">
        <h2 id="locked-out-title">Locked out</h2>
        <ul>
          <For each={query.data?.items}>
            {(item) => (
              <li>
                <span>
                  <strong>{item.username ?? "All names"}</strong>
                  {item.username === null ? " slowed down" : ""} from {item.address} until{" "}
                  {clockTime(momentOf(item.until) ?? 0, zone())}
                  <span class="muted"> after {plural(item.failures, "failed attempt")}</span>
                </span>
                <button
                  class="button"
                  type="button"
                  aria-disabled={lifting() !== null}
                  aria-label={`Lift for ${item.username ?? "all names"} from ${item.address}`}
                  onClick={() => void lift({ ...item })}
                >
                  Lift
                </button>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
