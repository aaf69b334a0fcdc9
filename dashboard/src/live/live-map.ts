import { createSignal, getListener, onCleanup } from "solid-js";

interface Follower {
  track: () => void;
  trigger: () => void;
  count: number;
}

/**
 * A map that is reactive per entry: a reader is updated only for its own entry. An entry without readers costs no more
 * than in a plain map, which a store of proxies cannot offer for 50,000 entries.
 */
export class LiveMap<V> {
  readonly #values = new Map<string, V>();
  readonly #followers = new Map<string, Follower>();

  /** Reactive, also for an entry that does not exist yet. */
  get(key: string): V | undefined {
    if (getListener()) this.#follow(key);
    return this.#values.get(key);
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }

  set(key: string, value: V): void {
    this.#values.set(key, value);
    this.#followers.get(key)?.trigger();
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#followers.get(key)?.trigger();
  }

  #follow(key: string): void {
    let follower = this.#followers.get(key);
    if (!follower) {
      const [track, trigger] = createSignal(undefined, { equals: false });
      follower = { track, trigger: () => trigger(), count: 0 };
      this.#followers.set(key, follower);
    }
    const followed = follower;
    followed.count += 1;
    followed.track();
    onCleanup(() => {
      followed.count -= 1;
      if (followed.count > 0) return;
      // A reader that re-runs has subscribed again by then.
      queueMicrotask(() => {
        if (followed.count === 0 && this.#followers.get(key) === followed) this.#followers.delete(key);
      });
    });
  }
}
