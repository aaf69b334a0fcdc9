import type { Millis } from "../contract/presence.ts";
import type { RefusalReason, RefusalReport, RefusalSource } from "../contract/refusals.ts";
import { fleetOf } from "../fleet/shard.ts";
import { errorFields, writeLog } from "../platform/console.ts";
import { networkOfAddress } from "../platform/network.ts";
import type { SocketState } from "./state.ts";
import type { Step } from "./step.ts";

/** The first refusal is told at once, those after it are counted and told together. */
const REPORT_INTERVAL_MS = 10_000;

/** Why somebody may not come in, or that the session changes hands between two machines; null when all is well. */
export function refusalOf(before: Readonly<SocketState>, step: Step): RefusalReason | null {
  if (step.effects.some(({ kind }) => kind === "duel")) return "duplicate_identity";
  const close = step.effects.find((effect) => effect.kind === "close");
  if (!close) return null;
  if (close.reason === "id_conflict") return "wrong_id";
  if (before.phase !== "pending") return null;
  if (close.reason === "deregistered") return "deregistered";
  if (close.reason !== "duplicate_identity") return "bad_handshake";
  // The old process of a rolling restart is refused as well, and nobody has to hear of that.
  const contest = step.effects.find((effect) => effect.kind === "contest")?.contest;
  return contest?.duel ? "duplicate_identity" : null;
}

/** So many are told at once. While that cannot be done, further addresses are told as one that is not known. */
const MAX_UNTOLD = 50;

/** Refused connections of this id that its Fleet shard has yet to hear of, by reason and address; in rows as well. */
export class Refusals {
  readonly #env: Env;
  readonly #orchestratorId: string;
  readonly #sql: SqlStorage;
  readonly #untold = new Map<string, RefusalReport>();
  #toldAt: Millis = 0;

  constructor(env: Env, orchestratorId: string, sql: SqlStorage) {
    this.#env = env;
    this.#orchestratorId = orchestratorId;
    this.#sql = sql;
    for (const row of sql.exec<{ key: string; report: string }>("SELECT key, report FROM untold_refusals")) {
      this.#untold.set(row.key, JSON.parse(row.report) as RefusalReport);
    }
  }

  /** `organizationId` null: nobody knows this id. */
  note(reason: RefusalReason, { address }: RefusalSource, organizationId: string | null, now: Millis): void {
    const once = { orchestratorId: this.#orchestratorId, organizationId, reason, address };
    this.#add({ ...once, count: 1, since: now, lastAt: now });
  }

  get dueAt(): Millis | null {
    if (this.#untold.size === 0) return null;
    return this.#untold.size < MAX_UNTOLD ? this.#toldAt + REPORT_INTERVAL_MS : this.#toldAt;
  }

  /** Tells what is due. What the shard does not take is told with the next. */
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
    // Rows go when the shard has them: a reset meanwhile would rather tell twice than never.
    this.#sql.exec("DELETE FROM untold_refusals");
    for (const [key, report] of this.#untold) this.#save(key, report);
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
    this.#save(key, sum);
  }

  #save(key: string, report: RefusalReport): void {
    const sql = "INSERT OR REPLACE INTO untold_refusals (key, report) VALUES (?, ?)";
    this.#sql.exec(sql, key, JSON.stringify(report));
  }
}
