import type { ClientStreamFrame, StreamLogLine } from "../../../worker/contract/stream.ts";
import { Shard, type ShardState } from "./shard.ts";
import { EMPTY_PATCH, type Patch } from "./store.ts";

export interface ConnectionOptions {
  openSocket: (shard: number, cursor: string | null) => WebSocket;
  onPatch: (shard: number, patch: Patch) => void;
  onLines: (lines: readonly StreamLogLine[]) => void;
  /** Called with one entry per shard whenever one of them changes. */
  onStates: (states: readonly ShardState[]) => void;
  onSessionEnd: () => void;
  wanted: (shard: number) => ClientStreamFrame | null;
  isHidden?: () => boolean;
  random?: () => number;
}

/** The sockets of a page, one per shard. The first hello contains the number of shards. */
export class Connection {
  readonly #options: ConnectionOptions;
  #shards: Shard[] = [];
  #isOn = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isOn = true;
    if (this.#shards.length === 0) this.#shards = [this.#newShard(0)];
    for (const shard of this.#shards) shard.connect();
  }

  /** Closes the sockets; {@link start} resumes from their cursors. */
  stop(): void {
    this.#isOn = false;
    for (const shard of this.#shards) shard.rest();
  }

  /** Call when the page becomes visible, or the network is back. */
  wake(): void {
    if (this.#isOn) for (const shard of this.#shards) shard.wake();
  }

  /** Sends each shard the current subscription. */
  sendWanted(): void {
    for (const [number, shard] of this.#shards.entries()) {
      if (shard.state.isLive) shard.send(this.#options.wanted(number));
    }
  }

  #newShard(shard: number): Shard {
    const { onPatch, onLines, onSessionEnd, wanted, openSocket } = this.#options;
    return new Shard({
      shard,
      openSocket,
      onShards: (count) => this.#setCount(count),
      onPatch,
      onLines,
      onState: () => this.#options.onStates(this.#shards.map(({ state }) => state)),
      onSessionEnd: () => {
        this.stop();
        onSessionEnd();
      },
      wanted,
      isHidden: this.#options.isHidden ?? (() => document.hidden),
      random: this.#options.random ?? Math.random,
    });
  }

  /** A change of the number moves organizations between shards, so all of them start over. */
  #setCount(count: number): void {
    const before = this.#shards.length;
    if (count === before) return;
    const isFirst = before === 1 && !this.#shards[0]?.state.wasLive;
    const leftover = this.#shards.splice(count);
    for (const [offset, shard] of leftover.entries()) {
      shard.reset();
      this.#options.onPatch(count + offset, {
        ...EMPTY_PATCH,
        retain: { rows: new Set(), organizations: new Set() },
      });
    }
    const stays = this.#shards.slice(0, before);
    for (let number = before; number < count; number += 1) this.#shards.push(this.#newShard(number));
    if (!isFirst) for (const shard of stays) shard.reset();
    for (const shard of this.#shards) shard.connect();
  }
}
