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
import type { Announcement } from "../contract/stream.ts";
import { fleetOf } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { shownProfile } from "./shown.ts";
import { type OpenSocket, writeSocket } from "./sockets.ts";

const RETRY_MS = 1_000;
const MAX_HELD_LOGS = 100;
const MAX_HELD_EVENTS = 100;
const NONE: BeatCounts = { processed: 0, ignored: 0 };

/** What one orchestrator's object has to tell its Fleet shard, held in memory until a report takes it. */
export class Reporter {
  readonly #env: Env;
  readonly #orchestratorId: string;
  readonly #organizationId: () => string | null;
  #logs: LogLine[] = [];
  #beats = NONE;
  #events: Announcement[] = [];
  /** When a report that the shard did not take should be repeated, and what it told. */
  dueAt: Millis | null = null;
  missed: Transition | null = null;

  constructor(env: Env, orchestratorId: string, organizationId: () => string | null) {
    this.#env = env;
    this.#orchestratorId = orchestratorId;
    this.#organizationId = organizationId;
  }

  get hasLogs(): boolean {
    return this.#logs.length > 0;
  }

  log(level: LogLevel, message: string, at: Millis): void {
    writeLog(this.#env, level, message);
    const whose = { orchestratorId: this.#orchestratorId, organizationId: this.#organizationId() };
    this.#logs = [...this.#logs, { at, level, message, ...whose, count: 1 }].slice(-MAX_HELD_LOGS);
  }

  countBeat(ignored: boolean): void {
    this.addBeats(ignored ? { processed: 0, ignored: 1 } : { processed: 1, ignored: 0 });
  }

  addBeats(beats: BeatCounts): void {
    this.#beats = { processed: this.#beats.processed + beats.processed, ignored: this.#beats.ignored + beats.ignored };
  }

  /** The report as it stands; everything held is taken out. */
  take(view: PresenceView, transition: Transition | null, profile: Profile, open: OpenSocket | null): PresenceReport {
    if (open) {
      this.addBeats(open.state.unreported);
      writeSocket(open.ws, { ...open.state, unreported: NONE });
    }
    // What the shard did not take before rides along, or the next plain beat would hide it.
    const told = transition ?? this.missed;
    const shown = told ? shownProfile(profile) : null;
    const report = { view, transition: told, profile: shown, beats: this.#beats, logs: this.#logs };
    this.#beats = NONE;
    this.#logs = [];
    return report;
  }

  /** Reports to the shard of the organization; what it does not take is kept for the alarm. */
  async send(
    view: PresenceView,
    transition: Transition | null,
    profile: Profile,
    open: OpenSocket | null,
  ): Promise<void> {
    const report = this.take(view, transition, profile, open);
    try {
      await fleetOf(this.#env, view.organizationId).report(report);
      this.dueAt = null;
      this.missed = null;
      await this.sendLogs(view.organizationId);
    } catch (error) {
      this.#logs = [...report.logs, ...this.#logs].slice(-MAX_HELD_LOGS);
      this.addBeats(report.beats);
      this.missed = report.transition;
      this.dueAt = Date.now() + RETRY_MS;
      writeLog(this.#env, "WARNING", `The report of ${view.orchestratorId} has to wait`, errorFields(error));
    }
  }

  /** Leaves a report to the alarm, where nothing can be awaited or nobody be told. */
  postpone(transition: Transition | null, dueAt: Millis): void {
    this.missed = transition ?? this.missed;
    this.dueAt = dueAt;
  }

  /** For those who watch. One that is lost is made good by the next. */
  async sendSight(view: PresenceView): Promise<void> {
    try {
      await fleetOf(this.#env, view.organizationId).report(sightOf(view));
    } catch (error) {
      writeLog(this.#env, "DEBUG", `A sight of ${view.orchestratorId} was lost`, errorFields(error));
    }
  }

  /** Something that the feed of the dashboards has to tell; goes out with the log lines. */
  announce(event: Omit<Announcement, "orchestratorId">): void {
    this.#events = [...this.#events, { ...event, orchestratorId: this.#orchestratorId }].slice(-MAX_HELD_EVENTS);
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
}

/** A report that tells of presence and takes nothing out. */
export function sightOf(view: PresenceView): PresenceReport {
  return { view, transition: null, profile: null, beats: NONE, logs: [], sight: true };
}
