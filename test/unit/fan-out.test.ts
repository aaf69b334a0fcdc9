import { describe, expect, it } from "vitest";
import type { OrganizationConfig } from "../../worker/contract/config.ts";
import type { FleetMember } from "../../worker/contract/presence.ts";
import { ConfigFanOut } from "../../worker/fleet/fan-out.ts";
import type { FleetStore, PendingConfig } from "../../worker/fleet/store.ts";

type FanOutEnv = ConstructorParameters<typeof ConfigFanOut>[0];

const CONFIG: OrganizationConfig = { revision: 1, hash: "h", features: {}, settings: {}, policies: {} };

/** The rows of pending configurations: one that is saved again comes last. */
function pendingRows(): FleetStore {
  const rows = new Map<string, PendingConfig>();
  const store = {
    pendingConfigs: () => [...rows.values()],
    hasPendingConfigs: () => rows.size > 0,
    pendingRevision: (id: string) => rows.get(id)?.config.revision ?? null,
    saveConfig: (pending: PendingConfig) => {
      rows.delete(pending.organizationId);
      rows.set(pending.organizationId, pending);
    },
    removeConfig: (id: string) => void rows.delete(id),
  };
  return store as unknown as FleetStore;
}

function fleet(organizations: number, members: number): Map<string, FleetMember> {
  const ids = Array.from({ length: organizations * members }, (_, index) => `m-${String(index).padStart(5, "0")}`);
  const member = (orchestratorId: string, index: number) =>
    ({ view: { orchestratorId, organizationId: `o-${index % organizations}` } }) as unknown as FleetMember;
  return new Map(ids.map((id, index) => [id, member(id, index)]));
}

describe("the fan-out of configurations", () => {
  it("calls no more objects in one alarm than the platform allows, and leaves nobody out", async () => {
    const told: string[] = [];
    const env = { ORCHESTRATOR: { getByName: (id: string) => ({ applyConfig: async () => void told.push(id) }) } };
    const members = fleet(30, 150);
    const fanOut = new ConfigFanOut(env as unknown as FanOutEnv, pendingRows(), members);
    for (let index = 0; index < 30; index++) fanOut.publish(`o-${index}`, CONFIG);
    let alarms = 0;
    for (; fanOut.dueAt !== null; alarms++) {
      const before = told.length;
      await fanOut.run();
      expect(told.length - before).toBeLessThanOrEqual(500);
      expect(told.length).toBeGreaterThan(before);
    }
    expect(told.toSorted()).toEqual([...members.keys()]);
    expect(alarms).toBe(9);
  });
});
