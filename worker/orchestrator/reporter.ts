import type {
  BeatCounts,
  LogLevel,
  LogLine,
  Millis,
  PresenceReport,
  PresenceView,
  Profile,
  Transition,
} from "../contract/presence.ts";
import type { RefusalReport } from "../contract/refusals.ts";
import type { Announcement } from "../contract/stream.ts";
import { fleetOf } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { networkOfAddress } from "../platform/network.ts";
import type { Store } from "./store.ts";
import { shownProfile } from "./views.ts";

const RETRY_MS = 1_000;
const MAX_HELD_LOGS = 100;
const MAX_HELD_EVENTS = 100;
export const NO_COUNTS: BeatCounts = { processed: 0, ignored: 0 };

/** What one orchestrator's object sends to its Fleet shard, held in memory until a report takes it along. */
export class Reporter {
  readonly #env: Env;
  readonly #orchestratorId: string;
  #logs: LogLine[] = [];
  #beats = NO_COUNTS;
  #events: Announcement[] = [];
  /** When a report that the shard did not take is repeated, and its transition. */
  dueAt: Millis | null = null;
  missed: Transition | null = null;

  constructor(env: Env, orchestratorId: string) {
    this.#env = env;
    this.#orchestratorId = orchestratorId;
  }

  log(level: LogLevel, message: string, at: Millis, organizationId: string | null): void {
    writeLog(this.#env, level, message);
    const line = { at, level, message, orchestratorId: this.#orchestratorId, organizationId, count: 1 };
    this.#logs = [...this.#logs, line].slice(-MAX_HELD_LOGS);
  }

  /** An event for the feed of the dashboards; goes out with the log lines. */
  announce(event: Omit<Announcement, "orchestratorId">): void {
    this.#events = [...this.#events, { ...event, orchestratorId: this.#orchestratorId }].slice(-MAX_HELD_EVENTS);
  }

  addBeats(beats: BeatCounts): void {
    this.#beats = { processed: this.#beats.processed + beats.processed, ignored: this.#beats.ignored + beats.ignored };
  }

  /** The report as it stands; everything held is taken out. */
  take(view: PresenceView, transition: Transition | null, profile: Profile): PresenceReport {
    // What the shard did not take before rides along, or the next plain beat would hide it.
    const told = transition ?? this.missed;
    const shown = told ? shownProfile(profile) : null;
    const report = { view, transition: told, profile: shown, beats: this.#beats, logs: this.#logs };
    this.#beats = NO_COUNTS;
    this.#logs = [];
    return report;
  }

  /** Reports to the shard of the organization; what it does not take is kept for the alarm. */
  async send(view: PresenceView, transition: Transition | null, profile: Profile): Promise<void> {
    const report = this.take(view, transition, profile);
    try {
      await fleetOf(this.#env, view.organizationId).report(report);
      this.dueAt = null;
      this.missed = null;
      await this.sendLogs(view.organizationId);
    } catch (error) {
      this.#logs = [...report.logs, ...this.#logs].slice(-MAX_HELD_LOGS);
      this.addBeats(report.beats);
      this.postpone(report.transition, Date.now() + RETRY_MS);
      writeLog(this.#env, "WARNING", `The report of ${view.orchestratorId} has to wait`, errorFields(error));
    }
  }

  /** Leaves a report to the alarm. */
  postpone(transition: Transition | null, dueAt: Millis): void {
    this.missed = transition ?? this.missed;
    this.dueAt = dueAt;
  }

  /** For those who watch. A lost one is made good by the next. */
  async sendSight(view: PresenceView): Promise<void> {
    try {
      await fleetOf(this.#env, view.organizationId).report(sightOf(view));
    } catch (error) {
      writeLog(this.#env, "DEBUG", `A sight of ${view.orchestratorId} was lost`, errorFields(error));
    }
  }

  /** Log lines that no report would carry, and events. */
  async sendLogs(organizationId: string): Promise<void> {
    const [lines, events] = [this.#logs, this.#events];
    if (lines.length === 0 && events.length === 0) return;
    this.#logs = [];
    this.#events = [];
    try {
      await fleetOf(this.#env, organizationId).log(lines, events);
    } catch (error) {
      this.#logs = [...lines, ...this.#logs].slice(-MAX_HELD_LOGS);
      this.#events = [...events, ...this.#events].slice(-MAX_HELD_EVENTS);
      if (events.length > 0) this.dueAt ??= Date.now() + RETRY_MS;
      writeLog(this.#env, "WARNING", "Log lines have to wait", errorFields(error));
    }
  }

  /** Somebody has acted on the refused connections of this id. */
  async forgetRefusals(organizationId: string): Promise<void> {
    await fleetOf(this.#env, organizationId)
      .forgetRefusals(this.#orchestratorId)
      .catch((error: unknown) => writeLog(this.#env, "WARNING", "A refusal stays listed", errorFields(error)));
  }
}

/** A report of presence alone, which takes nothing out. */
export function sightOf(view: PresenceView): PresenceReport {
  return { view, transition: null, profile: null, beats: NO_COUNTS, logs: [], sight: true };
}

/** The first refusal is sent at once, those after it are counted and sent together. */
const REFUSAL_INTERVAL_MS = 10_000;
/** As many are sent at once. While that cannot be done, further addresses are counted under one that is not known. */
const MAX_UNTOLD = 50;

/** Refused connections of this id that its Fleet shard does not have yet, by reason and address; in rows as well. */
export class Refusals {
  readonly #env: Env;
  readonly #orchestratorId: string;
  readonly #store: Store;
  readonly #untold: Map<string, RefusalReport>;
  #toldAt: Millis = 0;

  constructor(env: Env, orchestratorId: string, store: Store) {
    this.#env = env;
    this.#orchestratorId = orchestratorId;
    this.#store = store;
    this.#untold = store.untoldRefusals();
  }

  note(once: Omit<RefusalReport, "orchestratorId" | "count" | "since" | "lastAt">, now: Millis): void {
    this.#add({ orchestratorId: this.#orchestratorId, ...once, count: 1, since: now, lastAt: now });
  }

  get dueAt(): Millis | null {
    if (this.#untold.size === 0) return null;
    return this.#untold.size < MAX_UNTOLD ? this.#toldAt + REFUSAL_INTERVAL_MS : this.#toldAt;
  }

  /** Sends what is due. What the shard does not take is sent with the next. */
  async tell(now: Millis): Promise<void> {
    if (this.dueAt === null || this.dueAt > now) return;
    const reports = [...this.#untold.values()];
    this.#untold.clear();
    this.#toldAt = now;
    const byOrganization = Map.groupBy(reports, ({ organizationId }) => organizationId);
    for (const [organizationId, group] of byOrganization) {
      try {
        await fleetOf(this.#env, organizationId ?? this.#orchestratorId).refused(group);
      } catch (error) {
        for (const report of group) this.#add(report);
        writeLog(this.#env, "WARNING", `Refusals of ${this.#orchestratorId} have to wait`, errorFields(error));
      }
    }
    // Rows go when the shard has them: after a reset meanwhile they are sent twice rather than never.
    this.#store.replaceRefusals(this.#untold);
  }

  #add(report: RefusalReport): void {
    const own = `${report.reason} ${report.address === null ? "" : networkOfAddress(report.address)}`;
    const isOwn = this.#untold.has(own) || this.#untold.size < MAX_UNTOLD;
    const key = isOwn ? own : report.reason;
    const before = this.#untold.get(key);
    const sum = {
      ...report,
      address: isOwn ? report.address : null,
      since: Math.min(report.since, before?.since ?? report.since),
      lastAt: Math.max(report.lastAt, before?.lastAt ?? report.lastAt),
      count: report.count + (before?.count ?? 0),
    };
    this.#untold.set(key, sum);
    this.#store.saveRefusal(key, sum);
  }
}
