import type {
  FeedEvent,
  ServerStreamFrame,
  StreamLogLine,
  StreamOrganization,
  StreamRow,
} from "../../worker/contract/stream.ts";

/** What a viewer of one shard knows, made from its frames alone. Runs in Node and in workerd. */
export class StreamState {
  readonly rows = new Map<string, StreamRow>();
  readonly organizations = new Map<string, StreamOrganization>();
  readonly events: FeedEvent[] = [];
  /** When each was seen last, by a sight or by its row. */
  readonly sights = new Map<string, number | null>();
  readonly lines: StreamLogLine[] = [];
  /** Whatever a frame contradicted. */
  readonly problems: string[] = [];
  epoch: string | null = null;
  /** Everything up to here is applied; null before the first snapshot is complete. */
  index: number | null = null;
  shards = 0;
  snapshots = 0;
  resumes = 0;
  #inSnapshot = false;

  /** For the query of the next connection, or null when a snapshot is needed. */
  get cursor(): string | null {
    return this.epoch === null || this.index === null ? null : `${this.epoch}.${this.index}`;
  }

  apply(frame: ServerStreamFrame): void {
    switch (frame.type) {
      case "hello":
        this.#hello(frame);
        break;
      case "snapshot":
        for (const row of frame.rows) this.rows.set(row.orchestrator_id, row);
        for (const row of frame.organizations) this.organizations.set(row.organization_id, row);
        if (!this.#inSnapshot) this.problems.push("a chunk outside a snapshot");
        this.#inSnapshot = frame.more;
        if (!frame.more) this.index = frame.index;
        break;
      case "delta":
        this.#delta(frame);
        break;
      case "sights":
        for (const { orchestrator_id: id, last_seen: at } of frame.sights) {
          const row = this.rows.get(id);
          if (row) this.rows.set(id, { ...row, last_seen: at });
          this.sights.set(id, at);
        }
        break;
      case "logs":
        this.lines.push(...frame.lines);
        break;
    }
  }

  #hello(frame: Extract<ServerStreamFrame, { type: "hello" }>): void {
    this.shards = frame.shards;
    if (frame.resumed) {
      this.resumes += 1;
      if (frame.epoch !== this.epoch) this.problems.push(`resumed in epoch ${frame.epoch} after ${this.epoch}`);
      return;
    }
    this.snapshots += 1;
    this.epoch = frame.epoch;
    this.index = null;
    this.#inSnapshot = true;
    this.rows.clear();
    this.organizations.clear();
  }

  #delta(frame: Extract<ServerStreamFrame, { type: "delta" }>): void {
    if (frame.from !== this.index) this.problems.push(`a delta from ${frame.from} at ${this.index}`);
    if (frame.to <= frame.from) this.problems.push(`a delta from ${frame.from} to ${frame.to}`);
    for (const event of frame.events) {
      const last = this.events.at(-1)?.index ?? 0;
      if (event.index <= Math.max(frame.from, last) || event.index > frame.to) {
        this.problems.push(`event ${event.index} in a delta from ${frame.from} to ${frame.to}, after ${last}`);
      }
      this.events.push(event);
    }
    for (const id of frame.removed) this.rows.delete(id);
    for (const row of frame.rows) {
      this.rows.set(row.orchestrator_id, row);
      this.sights.set(row.orchestrator_id, row.last_seen);
    }
    for (const id of frame.removed_organizations) this.organizations.delete(id);
    for (const row of frame.organizations) this.organizations.set(row.organization_id, row);
    this.index = frame.to;
  }
}
