import { DurableObject } from "cloudflare:workers";
import { sessionEndOf } from "../auth/stub.ts";
import type { OrganizationConfig } from "../contract/config.ts";
import type { AuditContext, CommandResult } from "../contract/orchestrator.ts";
import type {
  FleetMember,
  LogLine,
  LogPage,
  LogQuery,
  Millis,
  PresenceReport,
  PresenceView,
} from "../contract/presence.ts";
import type { RefusalReport } from "../contract/refusals.ts";
import type { FleetRpc } from "../contract/rpc.ts";
import type { Announcement, FeedEvent, ViewerFilter } from "../contract/stream.ts";
import type { Place } from "../contract/timeline.ts";
import { REFUSAL_REASONS } from "../contract/values/codes.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { AlarmClock } from "../platform/alarm-clock.ts";
import { isConfigured, UNCONFIGURED_PAUSE_MS } from "../platform/configured.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { settingsOf } from "../platform/settings.ts";
import { openStorage } from "../platform/storage-steps.ts";
import { ControllerLog, linesOf } from "./controller-log.ts";
import { deregisterAll } from "./deregistration.ts";
import { ConfigFanOut } from "./fan-out.ts";
import { removalOf } from "./feed.ts";
import { readJoin } from "./join.ts";
import { Buried, mergeReport, stateDiffers } from "./members.ts";
import { auditRefusal, floodLine, Refusals, refusalLine } from "./refusals.ts";
import { Roster } from "./roster.ts";
import { FLEET_STEPS } from "./storage.ts";
import { FleetStore } from "./store.ts";
import { Stream } from "./stream.ts";
import { Sweep, sweepAt } from "./sweep.ts";
import { FLUSH_INTERVAL_MS, WriteBehind } from "./write-behind.ts";

const SWEEP_BATCH = 100;
/** Refusals that no longer matter when the orchestrator is connected. */
const SOLVED_BY_CONNECTING = ["wrong_token", "wrong_id", "bad_handshake", "rate_limited", "deregistered"] as const;
const SWEEP_RETRY_MS = 5_000;
/** Each of them writes to Postgres. */
const REASSERT_BATCH = 100;
/** Objects that are asked before one answer; in a larger shard the others report within the report interval. */
const REFRESH_LIMIT = 500;

/** One shard of the fleet: live map, TTL sweep, write-behind of presence, stream and controller log. */
export class Fleet extends DurableObject<Env> implements FleetRpc {
  readonly #store: FleetStore;
  readonly #roster = new Roster();
  readonly #behind: WriteBehind;
  readonly #stream: Stream;
  readonly #fanOut: ConfigFanOut;
  readonly #log: ControllerLog;
  readonly #refusals: Refusals;
  /** Members without a row in Postgres; written as soon as their object reports again. */
  readonly #unknown = new Set<string>();
  readonly #buried = new Buried();
  readonly #sweep: Sweep;
  readonly #alarm: AlarmClock;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#alarm = new AlarmClock(ctx.storage, FLUSH_INTERVAL_MS);
    const sql = openStorage(ctx.storage, FLEET_STEPS);
    this.#store = new FleetStore(sql);
    this.#sweep = new Sweep(this.#store.noteBoot());
    this.#log = new ControllerLog(this.#store);
    this.#refusals = new Refusals(sql);
    this.#behind = new WriteBehind(env, this.#store, this.#roster);
    this.#fanOut = new ConfigFanOut(env, this.#store, this.#roster.members);
    const now = Date.now();
    for (const { member, dirty } of this.#store.loadMembers()) {
      this.#roster.set(member);
      this.#behind.load(member.view.orchestratorId, dirty);
      this.#sweep.load(member.view, now);
    }
    this.#stream = new Stream(ctx, this.#roster);
  }

  // --- Told by orchestrators (RPC) --------------------------------------------------------------------------------

  async report(report: PresenceReport): Promise<void> {
    this.#merge(report);
    await this.#schedule();
    if (report.transition !== "connected") return;
    await this.#tellWatched();
    await this.#schedule();
  }

  async publishConfig(organizationId: string, config: OrganizationConfig): Promise<void> {
    this.#fanOut.publish(organizationId, config);
    await this.#schedule();
  }

  async log(lines: LogLine[], events: Announcement[] = []): Promise<void> {
    this.#stream.logged(this.#log.add(lines, Date.now()));
    this.#stream.announced(events, Date.now());
    await this.#schedule();
  }

  async refused(reports: RefusalReport[]): Promise<void> {
    const now = Date.now();
    const news = this.#refusals.add(reports, now);
    const lines = [...news.reports.map(refusalLine), ...(news.isFlood ? [floodLine(now)] : [])];
    this.#stream.logged(this.#log.add(lines, now));
    await this.#schedule();
    // All reports, not only the new ones: the audit lists every address.
    for (const result of await Promise.allSettled(reports.map((report) => auditRefusal(this.env, report)))) {
      if (result.status === "fulfilled") continue;
      writeLog(this.env, "WARNING", "A refused connection could not be added to the audit", errorFields(result.reason));
    }
  }

  async refusals(organizations: readonly string[] | null): Promise<RefusalReport[]> {
    return this.#refusals.list(organizations, Date.now());
  }

  async forgetRefusals(orchestratorId: string): Promise<void> {
    this.#refusals.forget(orchestratorId, REFUSAL_REASONS);
  }

  // --- Viewers ----------------------------------------------------------------------------------------------------

  override async fetch(request: Request): Promise<Response> {
    const join = readJoin(request);
    if (!join) return new Response(null, { status: 426 });
    if (this.#stream.needsSnapshot(join)) await this.#refresh(this.#roster.ids());
    const response = this.#stream.accept(join, settingsOf(this.env).quotas, Date.now());
    await this.#schedule();
    return response;
  }

  override async webSocketMessage(ws: WebSocket, raw: string | ArrayBuffer): Promise<void> {
    this.#stream.receive(ws, raw, Date.now());
    await this.#tellWatched();
    await this.#schedule();
  }

  override async webSocketClose(ws: WebSocket, code: number): Promise<void> {
    this.#stream.leave(ws, code);
  }

  override async webSocketError(ws: WebSocket): Promise<void> {
    this.#stream.leave(ws);
  }

  async dropViewers(filter: ViewerFilter): Promise<number> {
    return this.#stream.drop(filter);
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

  async deregister(orchestratorIds: string[], audit: AuditContext): Promise<CommandResult<null>> {
    return await deregisterAll(this.env, orchestratorIds, audit);
  }

  async cursor(next?: string): Promise<string> {
    if (next !== undefined) this.#store.saveCursor(next);
    return this.#store.cursor();
  }

  async scheduledAt(at?: Millis): Promise<Millis | null> {
    if (at !== undefined) this.#store.saveScheduled(at);
    return this.#store.scheduledAt();
  }

  // --- Asked by routes (RPC) --------------------------------------------------------------------------------------

  /** Every member with an open socket, independent ones included. */
  async live(): Promise<FleetMember[]> {
    await this.#refresh(this.#roster.ids());
    return [...this.#roster.members.values()].filter(({ view }) => view.connected);
  }

  async lookup(orchestratorIds: string[]): Promise<PresenceView[]> {
    await this.#refresh(orchestratorIds);
    return orchestratorIds.flatMap((id) => this.#roster.get(id)?.view ?? []);
  }

  async ownOf(orchestratorIds: string[], organizations: readonly string[]): Promise<string[]> {
    const own = new Set(organizations);
    return orchestratorIds.filter((id) => own.has(this.#roster.get(id)?.view.organizationId ?? ""));
  }

  async memberCount(organizationId: string): Promise<number> {
    return this.#roster.organization(organizationId)?.orchestrators ?? 0;
  }

  async recentEvents(
    organizations: readonly string[] | null,
    limit: number,
    before: Place | null = null,
  ): Promise<FeedEvent[]> {
    return this.#stream.recentEvents(organizations, limit, before);
  }

  async eventCount(organizations: readonly string[] | null): Promise<number> {
    return this.#stream.eventCount(organizations);
  }

  async logs(query: LogQuery): Promise<LogPage> {
    return this.#log.select(query);
  }

  // --- Alarm ------------------------------------------------------------------------------------------------------

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    const now = Date.now();
    if (!isConfigured(this.env)) return await this.#alarm.arm(now + UNCONFIGURED_PAUSE_MS, now);
    await this.#stream.flushDuring(this.#work());
    await this.#schedule();
  }

  /** All at once, so that only the writes to Postgres wait for it. */
  async #work(): Promise<void> {
    const work = [this.#flush(), this.#fanOut.dueAt === null ? null : this.#fanOut.run(), this.#askOverdue()];
    const ends = this.#stream.checkEnds(Date.now(), (session) => sessionEndOf(this.env, session));
    for (const result of await Promise.allSettled([...work, ends, this.#tellWatched()])) {
      if (result.status === "fulfilled") continue;
      writeLog(this.env, "ERROR", "The alarm of a fleet shard failed", errorFields(result.reason));
      this.#behind.backOff();
    }
  }

  /** The alarm also rings for other work, so this checks whether a flush is due. */
  async #flush(): Promise<void> {
    const dueAt = this.#behind.dueAt(this.#log.hasUnsaved);
    if (dueAt === null || dueAt > Date.now()) return;
    this.#log.save();
    await this.#reassert(await this.#behind.flush());
  }

  /** Sends viewers what is due and arms the alarm. Every input ends with it. */
  async #schedule(): Promise<void> {
    const now = Date.now();
    this.#stream.flush(now);
    const due = [
      this.#behind.dueAt(this.#log.hasUnsaved),
      this.#sweep.dueAt,
      this.#fanOut.dueAt,
      this.#stream.dueAt(),
    ].filter((at) => at !== null);
    if (due.length > 0) await this.#alarm.arm(Math.max(now, Math.min(...due)), now);
  }

  /** Postgres has no row for these: each object registers itself again, unless its registration is still being delivered. */
  async #reassert(orchestratorIds: string[]): Promise<void> {
    // The next flush finds the others missing again.
    for (const id of orchestratorIds.slice(REASSERT_BATCH)) this.#behind.add(id);
    await Promise.all(orchestratorIds.slice(0, REASSERT_BATCH).map((id) => this.#reassertOne(id)));
  }

  async #reassertOne(id: string): Promise<void> {
    this.#unknown.add(id);
    try {
      if (!(await orchestratorOf(this.env, id).reassert())) this.#remove(id, false);
    } catch (error) {
      this.#behind.add(id);
      writeLog(this.env, "WARNING", `Orchestrator ${id} could not be asked`, errorFields(error));
    }
  }

  /** Asks members whose deadline has passed, in batches; only their own object can decide that they are gone. */
  async #askOverdue(): Promise<void> {
    const overdue = this.#sweep.take(this.#roster.members, Date.now(), SWEEP_BATCH);
    await Promise.all(overdue.map((id) => this.#ask(id)));
  }

  async #ask(orchestratorId: string, tellPostgres = false): Promise<"present" | "absent" | "unknown"> {
    try {
      const report = await orchestratorOf(this.env, orchestratorId).presence(this.ctx.id.name);
      this.#sweep.heard(orchestratorId);
      if (report) this.#merge(report, tellPostgres);
      else this.#remove(orchestratorId, false);
      return report ? "present" : "absent";
    } catch (error) {
      writeLog(this.env, "WARNING", `Orchestrator ${orchestratorId} could not be asked`, errorFields(error));
      this.#sweep.by(Date.now() + SWEEP_RETRY_MS);
      return "unknown";
    }
  }

  /** Tells the objects of watched members to report each heartbeat, beginning now. */
  async #tellWatched(): Promise<void> {
    await this.#stream.tellWatched(Date.now(), async (id, untilMs) => {
      const report = await orchestratorOf(this.env, id).watch(untilMs);
      if (report) this.#merge(report);
    });
  }

  /** After a wake the rows hold only the last transitions, so connected members are asked before they are shown. */
  async #refresh(orchestratorIds: readonly string[]): Promise<void> {
    const unheard = orchestratorIds.filter((id) => !this.#sweep.hasHeard(id) && this.#roster.get(id)?.view.connected);
    await Promise.all(unheard.slice(0, REFRESH_LIMIT).map((id) => this.#look(id)));
    await this.#schedule();
  }

  /** Asks on behalf of a reader: a newer time of the last signal alone is not written to Postgres. */
  async #look(orchestratorId: string): Promise<void> {
    const before = this.#roster.get(orchestratorId)?.view;
    const wasDirty = this.#behind.has(orchestratorId);
    await this.#ask(orchestratorId);
    const after = this.#roster.get(orchestratorId)?.view;
    if (!wasDirty && before && after && !stateDiffers(before, after)) this.#behind.spare(orchestratorId);
  }

  // --- Inside -----------------------------------------------------------------------------------------------------

  /** `tellPostgres`: its row may differ from this shard, so the member is written in any case. */
  #merge(report: PresenceReport, tellPostgres = false): void {
    const { orchestratorId } = report.view;
    const now = Date.now();
    this.#stream.logged(this.#log.add(linesOf(report, now), now));
    if (this.#buried.covers(report.view)) return;
    const over = report.transition === "connected" ? SOLVED_BY_CONNECTING : [];
    this.#refusals.forget(orchestratorId, report.transition === "deregistered" ? REFUSAL_REASONS : over);
    if (report.transition === "deregistered") this.#buried.add(report.view);
    const known = this.#roster.get(orchestratorId);
    const { member, changes, dirty, removed } = mergeReport(known, report);
    if (removed) this.#remove(orchestratorId, true);
    if (!member) return;
    this.#sweep.heard(orchestratorId);
    this.#roster.set(member);
    if (dirty || tellPostgres || this.#unknown.delete(orchestratorId)) this.#behind.add(orchestratorId);
    if (changes.length > 0) this.#behind.save(orchestratorId);
    this.#stream.changed(changes, now);
    this.#stream.seen(report, now);
    this.#sweep.by(sweepAt(member.view));
  }

  #remove(orchestratorId: string, deregistered: boolean): void {
    const member = this.#roster.get(orchestratorId);
    this.#roster.delete(orchestratorId);
    this.#behind.forget(orchestratorId);
    this.#unknown.delete(orchestratorId);
    this.#sweep.forget(orchestratorId);
    this.#store.removeMember(orchestratorId);
    if (member) this.#stream.changed([removalOf(member.view, deregistered)], Date.now());
  }
}
