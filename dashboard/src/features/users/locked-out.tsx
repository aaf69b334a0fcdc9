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

/** The users who cannot log in after too many failed attempts, with a button that unlocks them. Empty when there are none. */
export function LockedOut() {
  const query = useList<{ items: (Throttle & { id: string })[] }>(
    () => ["login-throttles"],
    async (signal) => {
      const { items } = (await ask(api.GET("/api/v1/controller/login-throttles", { signal }))).data;
      return { items: items.map((item) => ({ ...item, id: JSON.stringify([item.username, item.address]) })) };
    },
    { everyMs: LOOK_MS },
  );
  const [unlocking, setUnlocking] = createSignal<string | null>(null);
  const lift = async ({ id, username, address }: Throttle & { id: string }) => {
    if (unlocking() !== null) return;
    setUnlocking(id);
    try {
      await ask(api.POST("/api/v1/controller/login-throttles/lift", { body: { username, address } }));
      notify({ tone: "success", text: `${username ?? "Everyone"} can log in from ${address} again` });
    } catch (error) {
      notify({ tone: "danger", text: `Not unlocked: ${toFailure(error).message}` });
    } finally {
      setUnlocking(null);
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
                  <strong>{item.username ?? "All users"}</strong>
                  {item.username === null ? " slowed down" : ""} from {item.address} until{" "}
                  {clockTime(momentOf(item.until) ?? 0, zone())}
                  <span class="muted"> after {plural(item.failures, "failed attempt")}</span>
                </span>
                <button
                  class="button"
                  type="button"
                  aria-disabled={unlocking() !== null}
                  aria-label={`Unlock ${item.username ?? "all users"} from ${item.address}`}
                  onClick={() => void lift({ ...item })}
                >
                  Unlock
                </button>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
