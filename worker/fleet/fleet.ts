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
import { withDatabase } from "../db/client.ts";
import { applyPresence } from "../db/presence.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import { bootId } from "./boot.ts";
import { ConfigFanOut } from "./fan-out.ts";
import { escapeLine, linesOf, selectLines } from "./log-ring.ts";
import { isNewer, mergeReport, stateDiffers, sweepAt, sweepAtWake } from "./members.ts";
import { FleetStore } from "./store.ts";

const FLUSH_INTERVAL_MS = 1_000;
const LONGEST_FLUSH_RETRY_MS = 8_000;
const FLUSH_BATCH = 2_000;
const SWEEP_BATCH = 100;
const SWEEP_RETRY_MS = 5_000;
/** Questions before one answer; in a larger shard the rest is heard within a report interval. */
const REFRESH_LIMIT = 500;
const BURIED_KEPT = 1_000;

/** One shard of the fleet: live map, TTL sweep, write-behind of presence and the controller log (DESIGN §1). */
export class Fleet extends DurableObject<Env> implements FleetRpc {
  readonly #store: FleetStore;
  readonly #members = new Map<string, FleetMember>();
  /** Members whose view Postgres has yet to take. */
  readonly #dirty = new Set<string>();
  /** Members whose row says that they are dirty. */
  readonly #dirtyRows = new Set<string>();
  /** Members that Postgres has no row for; written as soon as their object reports again. */
  readonly #unknown = new Set<string>();
  readonly #buried = new Map<string, PresenceView>();
  /** Members whose object has spoken since this shard woke. */
  readonly #heard = new Set<string>();
  readonly #restarted: boolean;
  readonly #fanOut: ConfigFanOut;
  #lines: LogLine[] = [];
  #armedAt: Millis | null = null;
  #sweepAt: Millis | null = null;
  #flushedAt: Millis = 0;
  #failures = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new FleetStore(ctx.storage.sql);
    this.#restarted = this.#store.noteBoot(bootId());
    this.#fanOut = new ConfigFanOut(env, this.#store, this.#members);
    const now = Date.now();
    for (const { member, dirty } of this.#store.loadMembers()) {
      const { orchestratorId } = member.view;
      this.#members.set(orchestratorId, member);
      if (dirty) this.#dirty.add(orchestratorId);
      if (dirty) this.#dirtyRows.add(orchestratorId);
      this.#sweepBy(sweepAtWake(member.view, now, this.#restarted));
    }
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
    await this.#refresh([...this.#members.keys()]);
    return [...this.#members.values()]
      .filter(({ view }) => view.connected)
      .map(({ view, profile }) => ({ view, profile }));
  }

  async lookup(orchestratorIds: string[]): Promise<PresenceView[]> {
    await this.#refresh(orchestratorIds);
    return orchestratorIds.flatMap((id) => this.#members.get(id)?.view ?? []);
  }

  async logs(query: LogQuery): Promise<LogPage> {
    const visible = (line: LogLine) => {
      if (query.organizations === null) return true;
      const member = line.orchestratorId === null ? undefined : this.#members.get(line.orchestratorId);
      return member !== undefined && query.organizations.includes(member.view.organizationId);
    };
    return selectLines([...this.#store.logs(), ...this.#lines].slice(-LOG_CAPACITY), query, visible);
  }

  // --- Alarm ------------------------------------------------------------------------------------------------------

  override async alarm(): Promise<void> {
    this.#armedAt = null;
    try {
      if (this.#lines.length > 0) this.#store.addLogs(this.#lines.splice(0));
      if (this.#flushDueAt() !== null) await this.#flush();
      if (this.#fanOut.dueAt !== null) await this.#fanOut.run();
      await this.#sweep();
    } catch (error) {
      writeLog(this.env, "ERROR", "The alarm of a fleet shard failed", errorFields(error));
      this.#failures += 1;
      this.#flushedAt = Date.now();
    }
    await this.#schedule();
  }

  /** The only caller of setAlarm. Arms it when it is missing, overdue or too late; never moves it back. */
  async #schedule(): Promise<void> {
    const due = [this.#flushDueAt(), this.#sweepAt, this.#fanOut.dueAt].filter((at) => at !== null);
    if (due.length === 0) return;
    const now = Date.now();
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

  #flushDueAt(): Millis | null {
    if (this.#lines.length === 0 && this.#dirty.size === 0) return null;
    return this.#flushedAt + Math.min(LONGEST_FLUSH_RETRY_MS, FLUSH_INTERVAL_MS * 2 ** Math.min(this.#failures, 10));
  }

  /** One statement for everything that changed. What Postgres does not take stays dirty, in a row of its own. */
  async #flush(): Promise<void> {
    this.#flushedAt = Date.now();
    const batch = [...this.#dirty].slice(0, FLUSH_BATCH).flatMap((id) => this.#members.get(id) ?? []);
    if (batch.length === 0) return;
    const views = batch.map(({ view }) => view);
    let known: Set<string>;
    try {
      known = new Set(await withDatabase(this.env, (db) => applyPresence(db, views)));
    } catch (error) {
      for (const { view } of batch) if (!this.#dirtyRows.has(view.orchestratorId)) this.#save(view.orchestratorId);
      this.#failures += 1;
      this.#flushedAt = Date.now();
      writeLog(this.env, "WARNING", "Presence has to wait for Postgres", errorFields(error));
      return;
    }
    this.#failures = 0;
    const missing: string[] = [];
    for (const { view } of batch) {
      const id = view.orchestratorId;
      // A newer report may have come meanwhile: then the member stays dirty.
      if (this.#members.get(id)?.view === view) this.#dirty.delete(id);
      if (known.has(id)) this.#markClean(id);
      else missing.push(id);
    }
    await this.#reassert(missing);
  }

  #markClean(orchestratorId: string): void {
    if (this.#dirty.has(orchestratorId) || !this.#dirtyRows.has(orchestratorId)) return;
    this.#save(orchestratorId);
  }

  /** Postgres has no row for these: their objects know whether it is on its way or was lost. */
  async #reassert(orchestratorIds: string[]): Promise<void> {
    for (const id of orchestratorIds) {
      this.#unknown.add(id);
      if (!(await orchestratorOf(this.env, id).reassert())) this.#remove(id);
    }
  }

  /** Asks members whose signal ran out, in batches; only their own object can say that they are gone. */
  async #sweep(): Promise<void> {
    const now = Date.now();
    if (this.#sweepAt === null || this.#sweepAt > now) return;
    this.#sweepAt = null;
    const overdue: string[] = [];
    for (const [id, { view }] of this.#members) {
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
      else this.#remove(orchestratorId);
      return report ? "present" : "absent";
    } catch (error) {
      writeLog(this.env, "WARNING", `Orchestrator ${orchestratorId} could not be asked`, errorFields(error));
      this.#sweepBy(Date.now() + SWEEP_RETRY_MS);
      return "unknown";
    }
  }

  /** After a wake only transitions are known: members with a socket are asked before this shard speaks of them. */
  async #refresh(orchestratorIds: string[]): Promise<void> {
    const unheard = orchestratorIds.filter((id) => !this.#heard.has(id) && this.#members.get(id)?.view.connected);
    await Promise.all(unheard.slice(0, REFRESH_LIMIT).map((id) => this.#look(id)));
    await this.#schedule();
  }

  /** Asks on behalf of a reader: a newer sight alone is no reason to write to Postgres. */
  async #look(orchestratorId: string): Promise<void> {
    const before = this.#members.get(orchestratorId)?.view;
    const wasDirty = this.#dirty.has(orchestratorId);
    await this.#ask(orchestratorId);
    const after = this.#members.get(orchestratorId)?.view;
    if (!wasDirty && before && after && !stateDiffers(before, after)) this.#dirty.delete(orchestratorId);
  }

  // --- Inside -----------------------------------------------------------------------------------------------------

  /** `tellPostgres`: it may hold something else than this shard believes, so it is told in any case. */
  #merge(report: PresenceReport, tellPostgres = false): void {
    const { orchestratorId } = report.view;
    this.#addLines(linesOf(report, Date.now()));
    const buried = this.#buried.get(orchestratorId);
    if (buried && !isNewer(report.view, buried)) return;
    if (report.transition === "deregistered") this.#bury(report.view);
    const { member, persist, dirty, removed } = mergeReport(this.#members.get(orchestratorId), report);
    if (removed) this.#remove(orchestratorId);
    if (!member) return;
    this.#heard.add(orchestratorId);
    this.#members.set(orchestratorId, member);
    if (dirty || tellPostgres || this.#unknown.delete(orchestratorId)) this.#dirty.add(orchestratorId);
    if (persist) this.#save(orchestratorId);
    this.#sweepBy(sweepAt(member.view));
  }

  /** A report that was under way when its orchestrator was deregistered must not bring it back. */
  #bury(view: PresenceView): void {
    this.#buried.set(view.orchestratorId, view);
    const [oldest] = this.#buried.keys();
    if (oldest !== undefined && this.#buried.size > BURIED_KEPT) this.#buried.delete(oldest);
  }

  #save(orchestratorId: string): void {
    const member = this.#members.get(orchestratorId);
    if (!member) return;
    const dirty = this.#dirty.has(orchestratorId);
    this.#store.saveMember(member, dirty);
    if (dirty) this.#dirtyRows.add(orchestratorId);
    else this.#dirtyRows.delete(orchestratorId);
  }

  #remove(orchestratorId: string): void {
    this.#members.delete(orchestratorId);
    for (const ids of [this.#dirty, this.#dirtyRows, this.#unknown, this.#heard]) ids.delete(orchestratorId);
    this.#store.removeMember(orchestratorId);
  }

  #addLines(lines: LogLine[]): void {
    this.#lines.push(...lines.map(escapeLine));
    if (this.#lines.length > LOG_CAPACITY) this.#lines.splice(0, this.#lines.length - LOG_CAPACITY);
  }

  #sweepBy(at: Millis | null): void {
    if (at !== null && (this.#sweepAt === null || at < this.#sweepAt)) this.#sweepAt = at;
  }
}
