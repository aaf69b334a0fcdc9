import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { PresenceReport, PresenceView } from "../../worker/contract/presence.ts";
import type { FleetRpc } from "../../worker/contract/rpc.ts";
import { fleetStub } from "./client.ts";

/** The only shard of the Worker under test. */
export const fleet = fleetStub("any");

/** A shard of its own with members that no object stands behind. Without Postgres nobody asks after them. */
export function crowdShard(name: string) {
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const stub = env.FLEET.getByName(name);
  return { stub: stub as unknown as DurableObjectStub<undefined>, rpc: stub as unknown as FleetRpc };
}

/** Out of memory, if it is there. */
export async function evict(stub: DurableObjectStub<undefined>): Promise<void> {
  await runInDurableObject(stub, () => {});
  await evictDurableObject(stub, { webSockets: "hibernate" });
}

/** A report as an object would send it, for members that need no object. */
export function report(id: string, seq: number, view: Partial<PresenceView> = {}): PresenceReport {
  return {
    view: {
      orchestratorId: id,
      organizationId: "crowd",
      generation: 1,
      epoch: 1,
      seq,
      status: "inactive",
      connected: false,
      connectedAt: null,
      healthStatus: "healthy",
      isIndependent: false,
      privacyMode: false,
      lastSeenAt: null,
      lastActivityAt: null,
      configRevision: 0,
      configState: "none",
      configError: null,
      expiresAt: null,
      ...view,
    },
    transition: "health",
    profile: null,
    beats: { processed: 0, ignored: 0 },
    logs: [],
  };
}
