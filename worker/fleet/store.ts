import type { OrganizationConfig } from "../contract/config.ts";
import type { FleetMember, LogLine, Millis } from "../contract/presence.ts";

/** A member as its row keeps it. */
export interface MemberRow {
  member: FleetMember;
  /** This view has not been written to Postgres yet. */
  dirty: boolean;
}

export interface PendingConfig {
  organizationId: string;
  config: OrganizationConfig;
  told: string;
}

/** A row holds at most 2 MB. */
const LINES_PER_ROW = 200;

/** This run of the runtime: the same for an object that was hibernated, another one after a restart. */
let bootId: string | undefined;

/** The SQLite of one Fleet shard, except for its feed. Synchronous throughout. */
export class FleetStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Stores which run of the runtime this is. True: it has been restarted since this shard was last in memory. */
  noteBoot(): boolean {
    bootId ??= crypto.randomUUID();
    const [row] = this.#sql.exec<{ value: string }>("SELECT value FROM boot").toArray();
    if (row?.value === bootId) return false;
    this.#sql.exec("INSERT OR REPLACE INTO boot (id, value) VALUES (1, ?)", bootId);
    return row !== undefined;
  }

  loadMembers(): MemberRow[] {
    const rows = this.#sql.exec<{ member: string; dirty: number }>("SELECT member, dirty FROM members").toArray();
    return rows.map((row) => ({ member: JSON.parse(row.member) as FleetMember, dirty: row.dirty === 1 }));
  }

  saveMember(member: FleetMember, dirty: boolean): void {
    const sql = "INSERT OR REPLACE INTO members (orchestrator_id, member, dirty) VALUES (?, ?, ?)";
    this.#sql.exec(sql, member.view.orchestratorId, JSON.stringify(member), dirty ? 1 : 0);
  }

  removeMember(orchestratorId: string): void {
    this.#sql.exec("DELETE FROM members WHERE orchestrator_id = ?", orchestratorId);
  }

  /** Stores the lines of a flush in one row, or in several when they are too many. */
  addLogs(lines: readonly LogLine[]): void {
    for (let start = 0; start < lines.length; start += LINES_PER_ROW) {
      const part = lines.slice(start, start + LINES_PER_ROW);
      this.#sql.exec("INSERT INTO logs (size, lines) VALUES (?, ?)", part.length, JSON.stringify(part));
    }
  }

  logCount(): number {
    return this.#sql.exec<{ lines: number }>("SELECT coalesce(sum(size), 0) AS lines FROM logs").one().lines;
  }

  /** Replaces all stored lines with these. */
  replaceLogs(lines: readonly LogLine[]): void {
    this.#sql.exec("DELETE FROM logs");
    this.addLogs(lines);
  }

  /** Oldest first. */
  logs(): LogLine[] {
    const rows = this.#sql.exec<{ lines: string }>("SELECT lines FROM logs ORDER BY id").toArray();
    return rows.flatMap((row) => JSON.parse(row.lines) as LogLine[]);
  }

  cursor(): string {
    const [row] = this.#sql.exec<{ value: string }>("SELECT value FROM cursor").toArray();
    return row?.value ?? "";
  }

  saveCursor(value: string): void {
    this.#sql.exec("INSERT OR REPLACE INTO cursor (id, value) VALUES (1, ?)", value);
  }

  /** When the scheduled work last succeeded, or null. */
  scheduledAt(): Millis | null {
    return this.#sql.exec<{ at: number }>("SELECT at FROM scheduled").toArray()[0]?.at ?? null;
  }

  saveScheduled(at: Millis): void {
    this.#sql.exec("INSERT OR REPLACE INTO scheduled (id, at) VALUES (1, ?)", at);
  }

  hasPendingConfigs(): boolean {
    return this.#sql.exec("SELECT 1 FROM configs LIMIT 1").toArray().length > 0;
  }

  /** The revision that has yet to be sent to members of an organization, or null. */
  pendingRevision(organizationId: string): number | null {
    const sql = "SELECT config ->> '$.revision' AS revision FROM configs WHERE organization_id = ?";
    return this.#sql.exec<{ revision: number }>(sql, organizationId).toArray()[0]?.revision ?? null;
  }

  /** Configurations that have yet to be sent to members, least recently updated first. `told`: members up to this id have it. */
  pendingConfigs(): PendingConfig[] {
    const rows = this.#sql
      .exec<{ organization_id: string; config: string; told: string }>(
        "SELECT organization_id, config, told FROM configs ORDER BY rowid",
      )
      .toArray();
    return rows.map((row) => ({
      organizationId: row.organization_id,
      config: JSON.parse(row.config) as OrganizationConfig,
      told: row.told,
    }));
  }

  saveConfig({ organizationId, config, told }: PendingConfig): void {
    const sql = "INSERT OR REPLACE INTO configs (organization_id, config, told) VALUES (?, ?, ?)";
    this.#sql.exec(sql, organizationId, JSON.stringify(config), told);
  }

  removeConfig(organizationId: string): void {
    this.#sql.exec("DELETE FROM configs WHERE organization_id = ?", organizationId);
  }
}
