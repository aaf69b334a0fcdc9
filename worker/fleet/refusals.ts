import { fairlyKept } from "../../common/fair-share.ts";
import { authOf } from "../auth/stub.ts";
import type { LogLine, Millis } from "../contract/presence.ts";
import { REFUSAL_KEPT_MS, type RefusalReason, type RefusalReport } from "../contract/refusals.ts";
import { networkOfAddress } from "../platform/network.ts";

const MAX_KNOWN = 1_000;
/** Unknown ids may be made up: together they get a small part, which is shared equally by address. */
const MAX_UNKNOWN = 200;
/** This many of them are logged one by one while refusals are kept, in total and per address. */
const UNKNOWN_TOLD = { all: 100, ofOne: 10 };

/** What has to be logged. */
export interface RefusalNews {
  reports: RefusalReport[];
  /** Unknown ids exceed those that are logged one by one, for the first time. */
  isFlood: boolean;
}

/** How far the limit may be exceeded before rows are deleted, so that they are deleted in batches. */
const SPARE = 100;

type Row = { body: string };
type Held = { orchestrator_id: string; reason: string; organization_id: string | null; address: string | null };

/** Recently refused connections, one row for each id and reason. Synchronous throughout. */
export class Refusals {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Adds up the reports and returns the new ones. Made-up ids must not crowd out the others. */
  add(reports: readonly RefusalReport[], now: Millis): RefusalNews {
    this.#sql.exec("DELETE FROM refusals WHERE last_at <= ?", now - REFUSAL_KEPT_MS);
    const news: RefusalNews = { reports: [], isFlood: false };
    for (const report of reports) {
      const before = this.#find(report.orchestratorId, report.reason);
      if (!before) this.#sort(report, news);
      const sum: RefusalReport = {
        ...report,
        address: report.address ?? before?.address ?? null,
        since: before?.since ?? report.since,
        count: (before?.count ?? 0) + report.count,
      };
      this.#sql.exec(
        "INSERT OR REPLACE INTO refusals (orchestrator_id, reason, is_known, last_at, body) VALUES (?, ?, ?, ?, ?)",
        report.orchestratorId,
        report.reason,
        report.organizationId === null ? 0 : 1,
        report.lastAt,
        JSON.stringify(sum),
      );
    }
    this.#bound(1, MAX_KNOWN);
    this.#bound(0, MAX_UNKNOWN);
    return news;
  }

  /** The refusals of these organizations; null: all, including those of unknown ids. */
  list(organizations: readonly string[] | null, now: Millis): RefusalReport[] {
    return this.#sql
      .exec<Row>("SELECT body FROM refusals WHERE last_at > ?", now - REFUSAL_KEPT_MS)
      .toArray()
      .map(({ body }) => JSON.parse(body) as RefusalReport)
      .filter(({ organizationId: id }) => organizations === null || (id !== null && organizations.includes(id)));
  }

  /** Deletes refusals that no longer matter: somebody has acted on them, or the orchestrator is connected. */
  forget(orchestratorId: string, reasons: readonly RefusalReason[]): void {
    for (const reason of reasons) {
      this.#sql.exec("DELETE FROM refusals WHERE orchestrator_id = ? AND reason = ?", orchestratorId, reason);
    }
  }

  #sort(report: RefusalReport, news: RefusalNews): void {
    if (report.organizationId !== null) {
      news.reports.push(report);
      return;
    }
    const sql = "SELECT body ->> '$.address' AS address FROM refusals WHERE is_known = 0";
    const from = this.#sql.exec<{ address: string | null }>(sql).toArray();
    const counts = Map.groupBy(from, ({ address }) => networkOf(address));
    const ofOne = counts.get(networkOf(report.address))?.length ?? 0;
    const told = [...counts.values()].reduce((sum, { length }) => sum + Math.min(length, UNKNOWN_TOLD.ofOne), 0);
    if (ofOne >= UNKNOWN_TOLD.ofOne) news.isFlood ||= ofOne === UNKNOWN_TOLD.ofOne;
    else if (told >= UNKNOWN_TOLD.all) news.isFlood ||= told === UNKNOWN_TOLD.all;
    else news.reports.push(report);
  }

  #find(orchestratorId: string, reason: RefusalReason): RefusalReport | null {
    const [row] = this.#sql
      .exec<Row>("SELECT body FROM refusals WHERE orchestrator_id = ? AND reason = ?", orchestratorId, reason)
      .toArray();
    return row ? (JSON.parse(row.body) as RefusalReport) : null;
  }

  /** Deletes the oldest refusals beyond the limit, from organizations or addresses that have more than their share. */
  #bound(isKnown: 0 | 1, limit: number): void {
    const { count } = this.#sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM refusals WHERE is_known = ?", isKnown)
      .one();
    if (count <= limit + SPARE) return;
    const sql = `SELECT orchestrator_id, reason, body ->> '$.organizationId' AS organization_id,
      body ->> '$.address' AS address FROM refusals WHERE is_known = ? ORDER BY last_at`;
    const held = this.#sql.exec<Held>(sql, isKnown).toArray();
    const kept = new Set(fairlyKept(held, limit, [(one) => one.organization_id ?? networkOf(one.address)]));
    for (const { orchestrator_id, reason } of held.filter((one) => !kept.has(one))) {
      this.#sql.exec("DELETE FROM refusals WHERE orchestrator_id = ? AND reason = ?", orchestrator_id, reason);
    }
  }
}

function networkOf(address: string | null): string {
  return address === null ? "" : networkOfAddress(address);
}

const WORDS: Record<RefusalReason, string> = {
  duplicate_identity: "two machines use this id at the same time",
  wrong_token: "it has no valid token",
  wrong_id: "its token or its handshake names another orchestrator",
  bad_handshake: "no valid handshake arrived in time",
  rate_limited: "it connects too often",
  deregistered: "it was deregistered",
};
/** Refusals on an open socket: the token of its client was valid. */
const AUTHENTICATED: readonly RefusalReason[] = ["duplicate_identity", "bad_handshake"];

/** The one line of the controller log for connections that are refused repeatedly. */
export function refusalLine({ orchestratorId, organizationId, reason, address, lastAt: at }: RefusalReport): LogLine {
  const from = address === null ? "" : ` from ${address}`;
  const message = `[C-OCS] Connection as ${orchestratorId}${from} refused: ${WORDS[reason]}`;
  return { at, level: "WARNING", message, orchestratorId, organizationId, count: 1 };
}

/** The one line for unknown ids that are not logged one by one. */
export function floodLine(at: Millis): LogLine {
  const message = "[C-OCS] Connections under further unknown ids are refused; they are not listed individually";
  return { at, level: "WARNING", message, orchestratorId: null, organizationId: null, count: 1 };
}

/** Counts a refusal for the audit, which reaches Postgres without anybody waiting for it. */
export async function auditRefusal(env: Env, report: RefusalReport): Promise<void> {
  const { orchestratorId: id, organizationId, reason: code, address: ip, count } = report;
  const actor = AUTHENTICATED.includes(code) ? `agent:${id}` : "anonymous";
  await authOf(env).note({
    action: "access.denied",
    target: { type: "orchestrator", id },
    organizationId,
    code,
    count,
    context: { actor, ip, userAgent: null, requestId: crypto.randomUUID() },
  });
}
