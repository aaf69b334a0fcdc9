import { errorFields, writeLog } from "../console.ts";
import type { Millis } from "../contract/presence.ts";
import type { RefusalReason, RefusalReport, RefusalSource } from "../contract/refusals.ts";
import { fleetOf } from "../fleet/shard.ts";
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

/** Refused connections of this id that its Fleet shard has yet to hear of. In memory alone: no attempt costs a row. */
export class Refusals {
  readonly #env: Env;
  readonly #orchestratorId: string;
  readonly #untold = new Map<RefusalReason, RefusalReport>();
  #toldAt: Millis = 0;

  constructor(env: Env, orchestratorId: string) {
    this.#env = env;
    this.#orchestratorId = orchestratorId;
  }

  /** `organizationId` null: nobody knows this id. */
  note(reason: RefusalReason, source: RefusalSource, organizationId: string | null, now: Millis): void {
    const before = this.#untold.get(reason);
    this.#untold.set(reason, {
      orchestratorId: this.#orchestratorId,
      organizationId,
      reason,
      address: source.address ?? before?.address ?? null,
      count: (before?.count ?? 0) + 1,
      since: before?.since ?? now,
      lastAt: now,
    });
  }

  get dueAt(): Millis | null {
    return this.#untold.size === 0 ? null : this.#toldAt + REPORT_INTERVAL_MS;
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
        for (const report of group) this.#keep(report);
        writeLog(this.#env, "WARNING", `Refusals of ${this.#orchestratorId} have to wait`, errorFields(error));
      }
    }
  }

  #keep(report: RefusalReport): void {
    const later = this.#untold.get(report.reason);
    this.#untold.set(
      report.reason,
      later ? { ...later, since: report.since, count: later.count + report.count } : report,
    );
  }
}
