import { v7 as uuidv7 } from "uuid";
import type { Millis, PresenceReport, PresenceView, Transition } from "../contract/presence.ts";
import { QUOTA_KINDS, type QuotaLimits } from "../contract/quotas.ts";
import { UPGRADE_RATE } from "../contract/values/limits.ts";
import { AlarmClock } from "../platform/alarm-clock.ts";
import { isConfigured, UNCONFIGURED_PAUSE_MS } from "../platform/configured.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { settingsOf } from "../platform/settings.ts";
import { openStorage } from "../platform/storage-steps.ts";
import { nextExpiry } from "./credentials.ts";
import { decide } from "./decide.ts";
import { Draft } from "./draft.ts";
import type { DeliveryOutcome, Intent } from "./intents.ts";
import { countMessages, lookUp, Outbox, SAFETY_NET_MS } from "./outbox.ts";
import { NO_COUNTS, Refusals, Reporter } from "./reporter.ts";
import { Sockets } from "./sockets.ts";
import { type Clock, type OrchestratorRecord, type SocketState, socketDueAt } from "./state.ts";
import { ORCHESTRATOR_STEPS } from "./storage.ts";
import { type RowEffect, Store } from "./store.ts";
import type { AnswerTo, Effect, InputKind, InputOf, Question, Reply, State, Turn } from "./turn.ts";

/** An alarm that is overdue by more than this was lost. */
const OVERDUE_MS = 30_000;
/** After an alarm that failed, so that what made it fail is not repeated without a pause. */
const FAILED_ALARM_PAUSE_MS = 1_000;
const NO_LIMITS = Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, Number.POSITIVE_INFINITY])) as QuotaLimits;

/** A turn, the kind of its input, and the moment of its decision. */
type Decided<K extends InputKind> = Turn<AnswerTo<K>> & { kind: InputKind; at: Millis };

/** Inputs that end before anything is sent to the shard: log lines wait for the next report or frame. */
const UNHURRIED: ReadonlySet<InputKind> = new Set(["upgrade", "authenticate", "look", "watch", "sweep"] as const);

const versionOf = (view: PresenceView | null) => (view ? `${view.generation} ${view.epoch} ${view.seq}` : null);

const reportOf = ({ effects }: Pick<Turn, "effects">) => effects.find((effect) => effect.kind === "report");

/** Effects that are no rows. */
const IN_MEMORY: ReadonlySet<Effect["kind"]> = new Set([
  ...(["log", "trace", "announce", "beats", "accept", "send", "close"] as const),
  ...(["report", "report_refusals", "sight", "deliver", "forget_refusals"] as const),
]);

/**
 * The world around the decisions of one orchestrator: it loads the state, has `decide` decide, and carries the turn out. The
 * order is the same for every turn, and written here alone (docs/design.md#one-turn).
 */
export class Room {
  readonly ownId: string;
  readonly store: Store;
  readonly sockets: Sockets;
  readonly #ctx: DurableObjectState;
  readonly #env: Env;
  readonly #storage: DurableObjectStorage;
  readonly #outbox: Outbox;
  readonly #reporter: Reporter;
  readonly #refusals: Refusals;
  readonly #alarm: AlarmClock;
  /** The parts of the state that are kept between turns; sockets carry their own. */
  #kept: Pick<State, "record" | "contest" | "messageQuota" | "upgrades">;
  /** A registration was stored, which the shard learns when the delivery is over. */
  #storedReport: { transition: Transition | null } | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    this.#ctx = ctx;
    this.#env = env;
    this.#storage = ctx.storage;
    const sql = openStorage(ctx.storage, ORCHESTRATOR_STEPS);
    this.store = new Store(sql);
    this.sockets = new Sockets(ctx);
    this.#kept = {
      record: this.store.record(),
      contest: this.store.contest(),
      messageQuota: this.store.messageQuota(),
      upgrades: { tokens: UPGRADE_RATE.burst, tokensAt: 0 },
    };
    this.ownId = ctx.id.name ?? this.#kept.record?.orchestratorId ?? "";
    this.#alarm = new AlarmClock(ctx.storage, OVERDUE_MS);
    this.#reporter = new Reporter(env, this.ownId);
    this.#refusals = new Refusals(env, this.ownId, this.store);
    this.#outbox = new Outbox(sql, env, this.ownId, (intent, outcome) => this.#settle(intent, outcome));
    this.#write(this.#decide({ kind: "woke" }));
    // A reset in the middle of a delivery may have left a change, or a refusal, without an alarm.
    if (this.#outbox.dueAt !== null || this.#refusals.dueAt !== null) {
      void ctx.blockConcurrencyWhile(() => this.#schedule());
    }
  }

  get record(): OrchestratorRecord | null {
    return this.#kept.record;
  }

  /** The socket of the open session. */
  get open(): Readonly<SocketState> | null {
    return new Draft(this.state(), this.clock()).open;
  }

  view(): PresenceView {
    return new Draft(this.state(), this.clock()).view();
  }

  state(): State {
    return { ownId: this.ownId, ...this.#kept, sockets: this.sockets.all(), rows: this.store, outbox: this.#outbox };
  }

  /** Without usable settings there is no limit: nobody can tell how long a silence may be. */
  clock(): Clock {
    const isReady = isConfigured(this.#env);
    const unlimited = {
      ttlMs: Number.POSITIVE_INFINITY,
      reportIntervalMs: Number.POSITIVE_INFINITY,
      quotas: NO_LIMITS,
    };
    const { ttlMs, reportIntervalMs, quotas } = isReady ? settingsOf(this.#env) : unlimited;
    return { now: Date.now(), ttlMs, reportIntervalMs, quotas, isConfigured: isReady, newId: () => uuidv7() };
  }

  /** One input: decided and carried out. Everything that is ordered happens before the first await. */
  async take<K extends InputKind>(input: InputOf<K>): Promise<AnswerTo<K>> {
    return await this.#perform(this.#decide(input));
  }

  /** The alarm rings: what was armed is spent. */
  async ring(): Promise<void> {
    this.#alarm.rang();
    const { dueAt, missed } = this.#reporter;
    const isReportDue = dueAt !== null && dueAt <= Date.now();
    let earliest = 0;
    try {
      await this.take({ kind: "alarm", missed: isReportDue ? { transition: missed } : null });
    } catch (error) {
      writeLog(this.#env, "ERROR", `The alarm of ${this.ownId} failed`, errorFields(error));
      earliest = Date.now() + FAILED_ALARM_PAUSE_MS;
    }
    await this.#schedule({ earliest });
  }

  #decide<K extends InputKind>(input: InputOf<K>): Decided<K> {
    const clock = this.clock();
    return { ...decide(this.state(), input, clock), kind: input.kind, at: clock.now };
  }

  /** Postgres has answered an intent. A report about that is sent when the delivery is over. */
  #settle(intent: Intent, outcome: DeliveryOutcome): AnswerTo<"settled"> {
    const turn = this.#decide({ kind: "settled", intent, outcome });
    this.#write(turn);
    const report = reportOf(turn);
    if (report) this.#storedReport = { transition: report.transition ?? this.#storedReport?.transition ?? null };
    if (turn.answer.is !== "now") throw new Error("the answer to an intent waits for nothing");
    return turn.answer.value;
  }

  // --- The order of a turn ----------------------------------------------------------------------------------------

  async #perform<K extends InputKind>(turn: Decided<K>): Promise<AnswerTo<K>> {
    const { answer, effects, at } = turn;
    const has = (kind: Effect["kind"]) => effects.some((effect) => effect.kind === kind);
    const isAwaited = answer.is === "delivery" || (answer.is === "asked" && answer.question === "delivery");
    const delivers = isAwaited || has("deliver");
    const report = reportOf(turn);

    // 1. Rows, attachments and frames, before anything is awaited, because other inputs come in between there.
    const queued = await this.#writeOrArm(turn);
    const version = report?.after ? versionOf(this.record && this.view()) : null;
    // 2. The alarm, so that a reset during one of the next steps mends itself.
    if (isAwaited && queued.length > 0) await this.#schedule({ newest: at + SAFETY_NET_MS });
    else if (queued.length > 0 || delivers || has("queue_profile") || has("accept")) await this.#schedule();
    // 3. The report to the shard, which is fast, and what belongs to it.
    if (report && !report.after) await this.#report(report.transition);
    else if (!isAwaited && !UNHURRIED.has(turn.kind)) await this.#sendLogs();
    if (has("sight")) await this.#reporter.sendSight(this.view());
    for (const effect of effects) {
      if (effect.kind === "forget_refusals") await this.#reporter.forgetRefusals(effect.organizationId);
    }
    // 4. Postgres, which may take 5 s, and the reports that are to follow it.
    let isStored = true;
    if (delivers) {
      isStored = await this.#outbox.drain(isAwaited ? queued.at(-1) : undefined);
      const stored = this.#storedReport;
      this.#storedReport = null;
      // A report that was sent meanwhile would cover one with the same version.
      const isCovered = report?.after && versionOf(this.record && this.view()) !== version;
      if (report?.after && !isCovered) await this.#report(report.transition);
      else if (report?.after) await this.take({ kind: "stored", transition: report.transition });
      else if (stored) await this.take({ kind: "stored", transition: stored.transition });
      else await this.#sendLogs();
    }
    // A shard stores refusals in Postgres before it answers. Nobody whose connection is refused waits for that.
    if (turn.kind === "upgrade" && has("refusal")) this.#ctx.waitUntil(this.#tellRefusals());
    else if (has("refusal") || has("report_refusals")) await this.#tellRefusals();
    // 5. The alarm for what is still to do.
    if (report || delivers || has("queue_profile") || this.#reporter.dueAt !== null) await this.#schedule();
    switch (answer.is) {
      case "now":
        return answer.value;
      case "delivery":
        return isStored ? answer.stored : answer.accepted;
      case "asked": {
        const reply = await this.#ask(answer.question, isStored, queued);
        return (await this.take({ kind: "replied", reply, next: answer.next })) as AnswerTo<K>;
      }
      case "report":
        return this.#takeReport() as AnswerTo<K>;
    }
  }

  /** A turn that fails after its rows are stored must not leave them without an alarm. */
  async #writeOrArm(turn: Decided<InputKind>): Promise<number[]> {
    try {
      return this.#write(turn);
    } catch (error) {
      await this.#schedule();
      throw error;
    }
  }

  /** What a turn changes at once: rows, then attachments, then what is held for the shard, then frames. */
  #write({ state, effects, at }: Decided<InputKind>): number[] {
    const queued: number[] = [];
    const before = this.sockets.all();
    const rows = effects.filter((effect) => !IN_MEMORY.has(effect.kind));
    // All of them or none: a turn that fails half way must not leave half of its rows.
    if (rows.length > 0) {
      this.#storage.transactionSync(() => {
        for (const effect of rows) queued.push(...this.#writeRow(effect, state, at));
      });
    }
    const { record, contest, messageQuota, upgrades } = state;
    this.#kept = { record, contest, messageQuota, upgrades };
    for (const socket of state.sockets) {
      const known = before.find(({ id }) => id === socket.id);
      if (!known) this.sockets.accept(socket);
      else if (known !== socket) this.sockets.write(socket);
    }
    for (const effect of effects) this.#hold(effect, at);
    for (const effect of effects) {
      if (effect.kind === "send") this.sockets.send(effect.to, effect.frame);
      if (effect.kind === "close") this.sockets.close(effect.to, effect.code, effect.reason);
    }
    return queued;
  }

  #writeRow(effect: Effect, { record, contest, messageQuota }: State, at: Millis): number[] {
    switch (effect.kind) {
      case "save":
        if (record) this.store.saveRecord(record);
        return [];
      case "contest":
        this.store.saveContest(contest, at, effect.isRefusal);
        return [];
      case "quota":
        this.store.saveMessageQuota(messageQuota);
        return [];
      case "queue":
        return [this.#outbox.enqueue(effect.intent, at)];
      case "queue_profile":
        this.#outbox.enqueueProfile(effect.intent, at);
        return [];
      case "yield_names":
        this.#outbox.yieldNames(effect.names);
        return [];
      case "refusal": {
        const { reason, address, organizationId } = effect;
        this.#refusals.note({ reason, address, organizationId }, at);
        return [];
      }
      default:
        this.store.write(effect as RowEffect, at);
        return [];
    }
  }

  #hold(effect: Effect, at: Millis): void {
    if (effect.kind === "log") {
      this.#reporter.log(effect.level, effect.message, at, this.#kept.record?.organizationId ?? null);
    }
    if (effect.kind === "trace") writeLog(this.#env, "DEBUG", effect.message);
    if (effect.kind === "announce") this.#reporter.announce(effect.event);
    if (effect.kind === "beats") this.#reporter.addBeats(effect.counts);
  }

  async #ask(question: Question, isStored: boolean, queued: number[]): Promise<Reply> {
    switch (question) {
      case "registration":
        return { to: question, found: await lookUp(this.#env, this.ownId) };
      case "message_totals":
        return { to: question, totals: await countMessages(this.#env, this.ownId) };
      case "delivery":
        return { to: question, isStored, isConflict: queued.some((id) => this.#outbox.takeConflict(id)) };
    }
  }

  // --- The shard and the alarm ------------------------------------------------------------------------------------

  async #report(transition: Transition | null): Promise<void> {
    const { record } = this;
    // It may have been registered again meanwhile, which has a report of its own.
    if (!record || (transition === "deregistered" && record.lifecycle === "registered")) return;
    if (!isConfigured(this.#env)) return this.#reporter.postpone(transition, Date.now() + UNCONFIGURED_PAUSE_MS);
    // It may have been deregistered meanwhile: the shard must not take it for a member again.
    const told = record.lifecycle === "deregistered" ? "deregistered" : transition;
    this.#takeBeats();
    await this.#reporter.send(this.view(), told, record.profile);
  }

  #takeReport(): PresenceReport | null {
    const { record } = this;
    if (record?.lifecycle !== "registered") return null;
    this.#takeBeats();
    return this.#reporter.take(this.view(), null, record.profile);
  }

  #takeBeats(): void {
    const { open } = this;
    if (!open) return;
    this.#reporter.addBeats(open.unreported);
    this.sockets.write({ ...open, unreported: NO_COUNTS });
  }

  /** Log lines that no report carries, and events of the feed. */
  async #sendLogs(): Promise<void> {
    if (isConfigured(this.#env)) await this.#reporter.sendLogs(this.record?.organizationId ?? this.ownId);
  }

  /** Now, or by the alarm when the last ones were sent a moment ago. */
  async #tellRefusals(): Promise<void> {
    if (this.#refusals.dueAt === null || !isConfigured(this.#env)) return;
    await this.#refusals.tell(Date.now());
    await this.#schedule();
  }

  /**
   * Arms the alarm: for sockets, credentials that expire, deliveries and reports that are due. `newest`: the only new deadline
   * is this one, so that nothing is looked at while the alarm rings before it. `earliest`: it rings no sooner.
   */
  async #schedule({ newest, earliest = 0 }: { newest?: Millis; earliest?: Millis } = {}): Promise<void> {
    if (newest !== undefined && this.#alarm.ringsBy(newest)) return;
    const sockets = this.sockets.all();
    const deadlines = [
      ...sockets.map(socketDueAt),
      nextExpiry(sockets, () => this.store.credentials()),
      this.#outbox.dueAt,
      this.#reporter.dueAt,
      // Without usable settings nobody can be told of them.
      isConfigured(this.#env) ? this.#refusals.dueAt : null,
    ].filter((due) => due !== null);
    if (deadlines.length > 0) await this.#alarm.arm(Math.max(earliest, Math.min(...deadlines)), Date.now());
  }
}
