import { LOG_CAPACITY } from "../contract/limits.ts";
import type { LogLine, LogPage, LogQuery } from "../contract/presence.ts";
import { escapeLine, ringOf, selectLines } from "./log-ring.ts";
import type { Roster } from "./roster.ts";
import type { FleetStore } from "./store.ts";

/** The newest lines of the controller log: in memory until they are worth a row. */
export class ControllerLog {
  readonly #store: FleetStore;
  readonly #roster: Roster;
  #unsaved: LogLine[] = [];

  constructor(store: FleetStore, roster: Roster) {
    this.#store = store;
    this.#roster = roster;
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.length > 0;
  }

  /** Returns the lines as they may be shown. */
  add(lines: readonly LogLine[]): LogLine[] {
    const escaped = lines.map(escapeLine);
    this.#unsaved.push(...escaped);
    if (this.#unsaved.length > LOG_CAPACITY) this.#unsaved = ringOf(this.#unsaved, LOG_CAPACITY);
    return escaped;
  }

  save(): void {
    if (!this.hasUnsaved) return;
    this.#store.addLogs(this.#unsaved.splice(0));
    // So seldom that what is written anew is no more than what was written before.
    if (this.#store.logCount() > 2 * LOG_CAPACITY) this.#store.replaceLogs(ringOf(this.#store.logs(), LOG_CAPACITY));
  }

  select(query: LogQuery): LogPage {
    const visible = (line: LogLine) => {
      if (query.organizations === null) return true;
      const member = line.orchestratorId === null ? undefined : this.#roster.get(line.orchestratorId);
      const organizationId = member?.view.organizationId ?? line.organizationId;
      return organizationId !== undefined && organizationId !== null && query.organizations.includes(organizationId);
    };
    return selectLines(ringOf([...this.#store.logs(), ...this.#unsaved], LOG_CAPACITY), query, visible);
  }
}
