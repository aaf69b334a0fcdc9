import type { OrganizationConfig } from "../contract/config.ts";
import type { FleetMember, Millis } from "../contract/presence.ts";
import { orchestratorOf } from "../orchestrator/stub.ts";
import type { FleetStore } from "./store.ts";

const BATCH = 100;
/** Objects that one alarm calls for this in total. The platform allows 1,000 calls, and the alarm has other work. */
const RUN_LIMIT = 500;
const RETRY_MS = 1_000;

/**
 * Sends a published configuration to every member of an organization, in batches by id. Rows hold what is left to send, so
 * that a restart continues; members refuse a revision that is not newer, so that sending it twice does no harm.
 */
export class ConfigFanOut {
  readonly #env: Env;
  readonly #store: FleetStore;
  readonly #members: ReadonlyMap<string, FleetMember>;
  dueAt: Millis | null;

  constructor(env: Env, store: FleetStore, members: ReadonlyMap<string, FleetMember>) {
    this.#env = env;
    this.#store = store;
    this.#members = members;
    this.dueAt = store.hasPendingConfigs() ? Date.now() : null;
  }

  publish(organizationId: string, config: OrganizationConfig): void {
    const pending = this.#store.pendingRevision(organizationId);
    if (pending !== null && pending >= config.revision) return;
    this.#store.saveConfig({ organizationId, config, told: "" });
    this.dueAt = Date.now();
  }

  /** Sends one batch for each organization with members left, up to the limit; the next run continues. */
  async run(): Promise<void> {
    this.dueAt = null;
    let waitMs = 0;
    let room = RUN_LIMIT;
    for (const pending of this.#store.pendingConfigs()) {
      if (room === 0) break;
      const { organizationId, config, told } = pending;
      const left = [...this.#members.values()]
        .filter(({ view }) => view.organizationId === organizationId && view.orchestratorId > told)
        .map(({ view }) => view.orchestratorId)
        .sort();
      const batch = left.slice(0, Math.min(BATCH, room));
      room -= batch.length;
      const results = await Promise.allSettled(batch.map((id) => orchestratorOf(this.#env, id).applyConfig(config)));
      const failed = results.findIndex(({ status }) => status === "rejected");
      if (failed !== -1) waitMs = RETRY_MS;
      const reached = failed === -1 ? batch : batch.slice(0, failed);
      // When a newer revision was published in the meantime, all members have to get that one.
      if (this.#store.pendingRevision(organizationId) !== config.revision) continue;
      if (reached.length === left.length) this.#store.removeConfig(organizationId);
      else this.#store.saveConfig({ ...pending, told: reached.at(-1) ?? told });
    }
    if (this.#store.hasPendingConfigs()) this.dueAt ??= Date.now() + waitMs;
  }
}
