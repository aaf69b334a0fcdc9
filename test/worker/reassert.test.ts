import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { PresenceReport } from "../../worker/contract/presence.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { Orchestrator } from "../../worker/orchestrator/orchestrator.ts";
import { eventually } from "../support/eventually.ts";
import { firstToken, listed } from "./agent-token-calls.ts";
import { fleetStub, orchestratorRpc } from "./client.ts";
import { statementOf } from "./statements.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** A member that neither Postgres nor its object knows. */
function lostMember(orchestratorId: string): PresenceReport {
  const view = { orchestratorId, organizationId: "lost", generation: 1, epoch: 1, seq: 1, status: "inactive" as const };
  const axes = { connected: false, connectedAt: null, healthStatus: "unknown" as const, isIndependent: false };
  const config = { configRevision: 0, configState: "none" as const, configError: null };
  const seen = { lastSeenAt: null, lastActivityAt: null, expiresAt: null, privacyMode: false };
  return {
    view: { ...view, ...axes, ...config, ...seen },
    transition: null,
    profile: null,
    beats: { processed: 0, ignored: 0 },
    logs: [],
  };
}

describe("members that Postgres has lost", () => {
  it("B23 sibling: are told to it with their tokens, which it has lost as well", async () => {
    await firstToken("lost-token");
    const [{ key_id }] = await listed("lost-token");
    const fetches = vi.spyOn(globalThis, "fetch");
    expect(await orchestratorRpc("lost-token").reassert()).toBe(true);
    const told = fetches.mock.calls.map(statementOf).filter((statement) => statement.includes("agent_tokens"));
    expect(told).toEqual([expect.stringContaining(key_id)]);
  });

  it("are all looked into, also when one of their objects fails", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(console, "error").mockImplementation(() => {});
    const failing = vi.spyOn(Orchestrator.prototype, "reassert").mockRejectedValueOnce(new Error("busy"));
    const ids = Array.from({ length: 5 }, (_, index) => `lost-${index}`);
    const fleet = fleetOf(env, "lost");
    for (const id of ids) await fleet.report(lostMember(id));
    expect(await fleet.lookup(ids)).toHaveLength(5);
    await eventually(async () => {
      await runDurableObjectAlarm(fleetStub("lost"));
      expect(await fleet.lookup(ids)).toEqual([]);
    });
    expect(failing).toHaveBeenCalledTimes(6);
  });
});
