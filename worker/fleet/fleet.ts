import { DurableObject } from "cloudflare:workers";
import { errorFields, writeLog } from "../console.ts";
import type { OrganizationConfig } from "../contract/config.ts";
import { LOG_CAPACITY } from "../contract/limits.ts";
import type {
  FleetMember,
  LogLine,
  LogPage,
  LogQuery,
  Millis,
  PresenceReport,
  PresenceView,
} from "../contract/presence.ts";
import type { FleetRpc } from "../contract/rpc.ts";
import { type Announcement, STREAM_CLOSE, type ViewerFilter } from "../contract/stream.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { bootId } from "./boot.ts";
import { ConfigFanOut } from "./fan-out.ts";
import { type NewChange, removalOf } from "./feed.ts";
import { FeedStore } from "./feed-store.ts";
import { readJoin } from "./join.ts";
import { escapeLine, linesOf, selectLines } from "./log-ring.ts";
import { isNewer, mergeReport, stateDiffers, sweepAt, sweepAtWake } from "./members.ts";
import { Roster } from "./roster.ts";
import { FleetStore } from "./store.ts";
import { FRAME_INTERVAL_MS } from "./viewer.ts";
import { Viewers } from "./viewers.ts";
import { Watching } from "./watching.ts";
import { FLUSH_INTERVAL_MS, WriteBehind } from "./write-behind.ts";

const SWEEP_BATCH = 100;
const SWEEP_RETRY_MS = 5_000;
/** Questions before one answer; in a larger shard the rest is heard within a report interval. */
const REFRESH_LIMIT = 500;
const BURIED_KEPT = 1_000;

/** One shard of the fleet: live map, TTL sweep, write-behind of presence, stream and controller log (DESIGN §1). */
export class Fleet extends DurableObject<Env> implements FleetRpc {
  readonly #store: FleetStore;
  readonly #roster = new Roster();
  readonly #behind: WriteBehind;
  readonly #feed: FeedStore;
  readonly #viewers: Viewers;
  readonly #watching: Watching;
  readonly #fanOut: ConfigFanOut;
  /** Members that Postgres has no row for; written as soon as their object reports again. */
  readonly #unknown = new Set<string>();
  readonly #buried = new Map<string, PresenceView>();
  /** Members whose object has spoken since this shard woke. */
  readonly #heard = new Set<string>();
  readonly #restarted: boolean;
  #lines: LogLine[] = [];
  #armedAt: Millis | null = null;
  #sweepAt: Millis | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { sql } = ctx.storage;
    this.#store = new FleetStore(sql);
    this.#feed = new FeedStore(sql);
    this.#restarted = this.#store.noteBoot(bootId());
    this.#behind = new WriteBehind(env, this.#store, this.#roster);
    this.#fanOut = new ConfigFanOut(env, this.#store, this.#roster.members);
    const now = Date.now();
    for (const { member, dirty } of this.#store.loadMembers()) {
      this.#roster.set(member);
      this.#behind.load(member.view.orchestratorId, dirty);
      this.#sweepBy(sweepAtWake(member.view, now, this.#restarted));
    }
    this.#viewers = new Viewers(ctx, this.#feed, this.#roster);
    this.#watching = new Watching(this.#viewers.watched());
  }

  // --- Told by orchestrators (RPC) --------------------------------------------------------------------------------

  async report(report: PresenceReport): Promise<void> {
    this.#merge(report);
    await this.#schedule();
  }

  async publishConfig(organizationId: string, config: OrganizationConfig): Promise<void> {
    this.#fanOut.publish(organizationId, config);
    await this.#schedule();
  }

  async log(lines: LogLine[]): Promise<void> {
    this.#addLines(lines);
    await this.#schedule();
  }

  /** Something happened that changes no row. */
  async announce(events: Announcement[]): Promise<void> {
    const changes = events.map(({ orchestratorId, organizationId, type, detail }): NewChange => {
      return { orchestratorId, organizationId, leftOrganizationId: null, row: false, event: { type, detail } };
    });
    this.#feed.append(changes, Date.now());
    await this.#schedule();
  }

  // --- Viewers ----------------------------------------------------------------------------------------------------

  override async fetch(request: Request): Promise<Response> {
    const join = readJoin(request);
    if (!join) return new Response(null, { status: 426 });
    if (this.#viewers.needsSnapshot(join)) await this.#refresh(this.#roster.ids());
    const response = this.#viewers.accept(join, Date.now());
    await this.#schedule();
    return response;
  }

  override async webSocketMessage(ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
    const watched = this.#viewers.receive(ws, raw, Date.now());
    if (watched) this.#watching.begin(watched, Date.now());
    if (watched) await this.#tellWatched();
    await this.#schedule();
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    this.#viewers.leave(ws, code);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    this.#viewers.leave(ws, STREAM_CLOSE.normal);
  }

  async dropViewers(filter: ViewerFilter): Promise<number> {
    return this.#viewers.drop(filter);
  }

  // --- Asked by the reconciler (RPC) ------------------------------------------------------------------------------

  async verify(orchestratorIds: string[]): Promise<string[]> {
    const absent: string[] = [];
    for (let start = 0; start < orchestratorIds.length; start += SWEEP_BATCH) {
      const batch = orchestratorIds.slice(start, start + SWEEP_BATCH);
      const answers = await Promise.all(batch.map((id) => this.#ask(id, true)));
      absent.push(...batch.filter((_, index) => answers[index] === "absent"));
    }
    await this.#schedule();
    return absent;
  }

  async cursor(next?: string): Promise<string> {
    if (next !== undefined) this.#store.saveCursor(next);
    return this.#store.cursor();
  }

  // --- Asked by routes (RPC) --------------------------------------------------------------------------------------

  /** Every member with an open socket, independent ones included. */
  async live(): Promise<FleetMember[]> {
    await this.#refresh(this.#roster.ids());
    return [...this.#roster.members.values()]
      .filter(({ view }) => view.connected)
      .map(({ view, profile }) => ({ view, profile }));
  }

  async lookup(orchestratorIds: string[]): Promise<PresenceView[]> {
    await this.#refresh(orchestratorIds);
    return orchestratorIds.flatMap((id) => this.#roster.get(id)?.view ?? []);
  }

  async logs(query: LogQuery): Promise<LogPage> {
    const visible = (line: LogLine) => {
      if (query.organizations === null) return true;
      const member = line.orchestratorId === null ? undefined : this.#roster.get(line.orchestratorId);
      return member !== undefined && query.organizations.includes(member.view.organizationId);
    };
    return selectLines([...this.#store.logs(), ...this.#lines].slice(-LOG_CAPACITY), query, visible);
  }

  // --- Alarm ------------------------------------------------------------------------------------------------------

  override async alarm(): Promise<void> {
    this.#armedAt = null;
    await this.#keepSending(this.#work());
    await this.#schedule();
  }

  /** Viewers get their frames while Postgres or an orchestrator's object lets the work of the alarm wait. */
  async #keepSending(work: Promise<void>): Promise<void> {
    let working = true;
    const done = work.finally(() => {
      working = false;
    });
    while (working) {
      this.#viewers.flush(Date.now());
      const pause = new AbortController();
      await Promise.race([done, scheduler.wait(FRAME_INTERVAL_MS, { signal: pause.signal })]);
      pause.abort();
    }
  }

  async #work(): Promise<void> {
    try {
      const flushAt = this.#behind.dueAt(this.#lines.length > 0);
      if (this.#lines.length > 0) this.#store.addLogs(this.#lines.splice(0));
      if (flushAt !== null) await this.#reassert(await this.#behind.flush());
      if (this.#fanOut.dueAt !== null) await this.#fanOut.run();
      await this.#sweep();
      await this.#tellWatched();
    } catch (error) {
      writeLog(this.env, "ERROR", "The alarm of a fleet shard failed", errorFields(error));
      this.#behind.backOff();
    }
  }

  /** Sends viewers what is due. The only caller of setAlarm: arms it when it is missing, overdue or too late. */
  async #schedule(): Promise<void> {
    const now = Date.now();
    this.#viewers.flush(now);
    const due = [
      this.#behind.dueAt(this.#lines.length > 0),
      this.#sweepAt,
      this.#fanOut.dueAt,
      this.#viewers.dueAt(),
      this.#watching.dueAt,
    ].filter((at) => at !== null);
    if (due.length === 0) return;
    const next = Math.max(now, Math.min(...due));
    const armed = this.#armedAt ?? (await this.ctx.storage.getAlarm());
    const overdue = armed !== null && armed < now - FLUSH_INTERVAL_MS;
    if (armed !== null && !overdue && armed <= next) {
      this.#armedAt = armed;
      return;
    }
    this.#armedAt = next;
    await this.ctx.storage.setAlarm(next);
  }

  /** Postgres has no row for these: their objects know whether it is on its way or was lost. */
  async #reassert(orchestratorIds: string[]): Promise<void> {
    for (const id of orchestratorIds) {
      this.#unknown.add(id);
      if (!(await orchestratorOf(this.env, id).reassert())) this.#remove(id, false);
    }
  }

  /** Asks members whose signal ran out, in batches; only their own object can say that they are gone. */
  async #sweep(): Promise<void> {
    const now = Date.now();
    if (this.#sweepAt === null || this.#sweepAt > now) return;
    this.#sweepAt = null;
    const overdue: string[] = [];
    for (const [id, { view }] of this.#roster.members) {
      const at = this.#heard.has(id) ? sweepAt(view) : sweepAtWake(view, now, this.#restarted);
      if (at !== null && at <= now && overdue.length < SWEEP_BATCH) overdue.push(id);
      else this.#sweepBy(at === null ? null : Math.max(at, now));
    }
    await Promise.all(overdue.map((id) => this.#ask(id)));
  }

  async #ask(orchestratorId: string, tellPostgres = false): Promise<"present" | "absent" | "unknown"> {
    try {
      const report = await orchestratorOf(this.env, orchestratorId).presence(this.ctx.id.name);
      this.#heard.add(orchestratorId);
      if (report) this.#merge(report, tellPostgres);
      else this.#remove(orchestratorId, false);
      return report ? "present" : "absent";
    } catch (error) {
      writeLog(this.env, "WARNING", `Orchestrator ${orchestratorId} could not be asked`, errorFields(error));
      this.#sweepBy(Date.now() + SWEEP_RETRY_MS);
      return "unknown";
    }
  }

  /** The objects of watched members report each beat from now on, and at once. */
  async #tellWatched(): Promise<void> {
    const now = Date.now();
    if (this.#watching.dueAt === null || this.#watching.dueAt > now) return;
    await this.#watching.run(this.#viewers.watched(), now, async (id, untilMs) => {
      if (!this.#roster.get(id)?.view.connected) return;
      try {
        const report = await orchestratorOf(this.env, id).watch(untilMs);
        if (report) this.#merge(report);
      } catch (error) {
        writeLog(this.env, "WARNING", `Orchestrator ${id} cannot be watched`, errorFields(error));
      }
    });
    this.#viewers.renewed(now);
  }

  /** After a wake only transitions are known: members with a socket are asked before this shard speaks of them. */
  async #refresh(orchestratorIds: readonly string[]): Promise<void> {
    const unheard = orchestratorIds.filter((id) => !this.#heard.has(id) && this.#roster.get(id)?.view.connected);
    await Promise.all(unheard.slice(0, REFRESH_LIMIT).map((id) => this.#look(id)));
    await this.#schedule();
  }

  /** Asks on behalf of a reader: a newer sight alone is no reason to write to Postgres. */
  async #look(orchestratorId: string): Promise<void> {
    const before = this.#roster.get(orchestratorId)?.view;
    const wasDirty = this.#behind.has(orchestratorId);
    await this.#ask(orchestratorId);
    const after = this.#roster.get(orchestratorId)?.view;
    if (!wasDirty && before && after && !stateDiffers(before, after)) this.#behind.spare(orchestratorId);
  }

  // --- Inside -----------------------------------------------------------------------------------------------------

  /** `tellPostgres`: it may hold something else than this shard believes, so it is told in any case. */
  #merge(report: PresenceReport, tellPostgres = false): void {
    const { orchestratorId } = report.view;
    const now = Date.now();
    this.#addLines(linesOf(report, now));
    const buried = this.#buried.get(orchestratorId);
    if (buried && !isNewer(report.view, buried)) return;
    if (report.transition === "deregistered") this.#bury(report.view);
    const known = this.#roster.get(orchestratorId);
    const { member, changes, dirty, removed } = mergeReport(known, report);
    if (removed) this.#remove(orchestratorId, true);
    if (!member) return;
    this.#heard.add(orchestratorId);
    this.#roster.set(member);
    if (dirty || tellPostgres || this.#unknown.delete(orchestratorId)) this.#behind.add(orchestratorId);
    if (changes.length > 0) this.#behind.save(orchestratorId);
    this.#feed.append(changes, now);
    if (member.view.lastSeenAt !== known?.view.lastSeenAt) this.#viewers.seen(orchestratorId);
    if (report.transition === "connected") this.#watching.restart(orchestratorId, now);
    this.#sweepBy(sweepAt(member.view));
  }

  /** A report that was under way when its orchestrator was deregistered must not bring it back. */
  #bury(view: PresenceView): void {
    this.#buried.set(view.orchestratorId, view);
    const [oldest] = this.#buried.keys();
    if (oldest !== undefined && this.#buried.size > BURIED_KEPT) this.#buried.delete(oldest);
  }

  #remove(orchestratorId: string, deregistered: boolean): void {
    const member = this.#roster.get(orchestratorId);
    this.#roster.delete(orchestratorId);
    this.#behind.forget(orchestratorId);
    for (const ids of [this.#unknown, this.#heard]) ids.delete(orchestratorId);
    this.#store.removeMember(orchestratorId);
    if (member) this.#feed.append([removalOf(member.view, deregistered)], Date.now());
  }

  #addLines(lines: LogLine[]): void {
    const escaped = lines.map(escapeLine);
    this.#viewers.log(escaped);
    this.#lines.push(...escaped);
    if (this.#lines.length > LOG_CAPACITY) this.#lines.splice(0, this.#lines.length - LOG_CAPACITY);
  }

  #sweepBy(at: Millis | null): void {
    if (at !== null && (this.#sweepAt === null || at < this.#sweepAt)) this.#sweepAt = at;
  }
}
