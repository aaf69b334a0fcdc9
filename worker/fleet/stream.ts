import type { LogLine, Millis, PresenceReport } from "../contract/presence.ts";
import type { QuotaLimits } from "../contract/quotas.ts";
import type { Announcement, FeedEvent, ViewerFilter } from "../contract/stream.ts";
import type { Place } from "../contract/timeline.ts";
import { STREAM_CLOSE } from "../contract/values/codes.ts";
import { eventsOf, type NewChange, type Scope } from "./feed.ts";
import { FeedStore } from "./feed-store.ts";
import type { JoinRequest } from "./join.ts";
import type { Roster } from "./roster.ts";
import { FRAME_INTERVAL_MS } from "./viewer.ts";
import { Viewers } from "./viewers.ts";
import { Watching } from "./watching.ts";

/** The stream of a shard: the feed of changes, its viewers with what each was sent, and the members that they watch. */
export class Stream {
  readonly #roster: Roster;
  readonly #feed: FeedStore;
  readonly #viewers: Viewers;
  readonly #watching: Watching;

  constructor(ctx: DurableObjectState, roster: Roster) {
    this.#roster = roster;
    this.#feed = new FeedStore(ctx.storage.sql);
    this.#viewers = new Viewers(ctx, this.#feed, roster);
    this.#watching = new Watching(this.#viewers.watched());
  }

  // --- What happens ---------------------------------------------------------------------------------------------------

  changed(changes: readonly NewChange[], now: Millis): void {
    this.#feed.append(changes, now);
  }

  /** Handles a merged report: viewers that watch the member are sent the time, and a new session is told that it is watched. */
  seen({ view, transition }: PresenceReport, now: Millis): void {
    this.#viewers.seen(view.orchestratorId);
    if (transition === "connected") this.#watching.plan(view.orchestratorId, now);
  }

  announced(events: readonly Announcement[], now: Millis): void {
    const changes = events.map(({ orchestratorId, organizationId, type, detail }): NewChange => {
      return { orchestratorId, organizationId, leftOrganizationId: null, row: false, event: { type, detail } };
    });
    this.#feed.append(changes, now);
  }

  logged(lines: readonly LogLine[]): void {
    this.#viewers.log(lines);
  }

  /** Newest first. */
  recentEvents(scope: Scope, limit: number, before: Place | null): FeedEvent[] {
    const events: FeedEvent[] = [];
    for (const event of eventsOf(this.#feed.before(before), scope)) {
      events.push(event);
      if (events.length === limit) break;
    }
    return events;
  }

  eventCount(scope: Scope): number {
    return this.#feed.eventCount(scope);
  }

  // --- Viewers ----------------------------------------------------------------------------------------------------

  needsSnapshot(join: JoinRequest): boolean {
    return this.#viewers.needsSnapshot(join);
  }

  accept(join: JoinRequest, limits: QuotaLimits, now: Millis): Response {
    return this.#viewers.accept(join, limits, now);
  }

  receive(ws: WebSocket, raw: string | ArrayBuffer, now: Millis): void {
    const watched = this.#viewers.receive(ws, raw, now);
    if (watched) this.#watching.begin(watched, now);
  }

  leave(ws: WebSocket, code: number = STREAM_CLOSE.normal): void {
    this.#viewers.leave(ws, code);
  }

  drop(filter: ViewerFilter): number {
    return this.#viewers.drop(filter);
  }

  /** Closes viewers whose session has ended; `ask` returns the new end of a session that was used since, or null. */
  async checkEnds(now: Millis, ask: (session: string) => Promise<Millis | null>): Promise<void> {
    const checks = [...this.#viewers.ended(now)].map(async (session) => {
      const endsAt = await ask(session).catch(() => undefined);
      if (endsAt) this.#viewers.prolong(session, endsAt);
      // Without an answer the viewer has to reconnect, and is checked then.
      else this.#viewers.drop({ session, comesBack: endsAt === undefined });
    });
    await Promise.all(checks);
  }

  // --- What is due ------------------------------------------------------------------------------------------------

  dueAt(): Millis | null {
    const [viewers, watching] = [this.#viewers.dueAt(), this.#watching.dueAt];
    return viewers === null || (watching !== null && watching < viewers) ? watching : viewers;
  }

  /** Sends what is due. */
  flush(now: Millis): void {
    this.#viewers.flush(now);
  }

  /** Keeps sending frames until the work is done, which may wait for Postgres or for an orchestrator's object. */
  async flushDuring(work: Promise<void>): Promise<void> {
    let working = true;
    const done = work.finally(() => {
      working = false;
    });
    while (working) {
      this.flush(Date.now());
      const pause = new AbortController();
      await Promise.race([done, scheduler.wait(FRAME_INTERVAL_MS, { signal: pause.signal })]);
      pause.abort();
    }
  }

  /** Tells the objects of watched members to report each heartbeat, when that is due; a failed call is repeated soon. */
  async tellWatched(now: Millis, tell: (orchestratorId: string, untilMs: Millis) => Promise<void>): Promise<void> {
    if (this.#watching.dueAt === null || this.#watching.dueAt > now) return;
    const isConnected = (id: string) => this.#roster.get(id)?.view.connected === true;
    await this.#watching.run(this.#viewers.watched(), now, isConnected, tell);
    this.#viewers.renewed(now);
  }
}
