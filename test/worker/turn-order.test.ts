import { afterEach, describe, expect, it, vi } from "vitest";
import { Fleet } from "../../worker/fleet/fleet.ts";
import { eventually } from "../support/eventually.ts";
import { Client, orchestratorRpc } from "./client.ts";
import { statementOf } from "./statements.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a call does to the shard and to Postgres, in its order. */
async function orderOf(call: () => Promise<unknown>, statement: string): Promise<string[]> {
  const order: string[] = [];
  const { report } = Fleet.prototype;
  vi.spyOn(Fleet.prototype, "report").mockImplementation(function (this: Fleet, sent) {
    if (sent.transition) order.push(`report ${sent.transition}`);
    return report.call(this, sent);
  });
  const { fetch } = globalThis;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
    if (statementOf(request).includes(statement)) order.push("Postgres");
    return await fetch(...request);
  });
  await call();
  vi.restoreAllMocks();
  return order;
}

describe("the order of a turn", () => {
  it("independence is reported before Postgres gets it", async () => {
    const id = "order-independence";
    await orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    const call = () => orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    expect(await orderOf(call, "orchestrator.independence")).toEqual(["report independence", "Postgres"]);
  });

  it("registration and deregistration are reported when Postgres has them", async () => {
    const id = "order-registration";
    const register = () => orchestratorRpc(id).register({ organizationId: null, fields: {}, audit: AUDIT });
    expect(await orderOf(register, "register_orchestrator")).toEqual(["Postgres", "report registered"]);
    const deregister = () => orchestratorRpc(id).deregister(AUDIT);
    expect(await orderOf(deregister, "deregister_orchestrator")).toEqual(["Postgres", "report deregistered"]);
  });

  it("the frames of a command come before its answer", async () => {
    const id = "order-frames";
    const client = await Client.connect(id);
    const answered = orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await client.until("stop_monitoring", 1);
    expect(await answered).toMatchObject({ ok: true });
  });

  it("a report that waited for Postgres is not covered by one that was sent meanwhile", async () => {
    const id = "order-covered";
    const register = (name: string) =>
      orchestratorRpc(id).register({ organizationId: null, fields: { name }, audit: AUDIT });
    await register("before");
    const versions: [transition: string | null, epoch: number, seq: number][] = [];
    const { report } = Fleet.prototype;
    vi.spyOn(Fleet.prototype, "report").mockImplementation(function (this: Fleet, sent) {
      if (sent.view.orchestratorId === id) versions.push([sent.transition, sent.view.epoch, sent.view.seq]);
      return report.call(this, sent);
    });
    const { fetch } = globalThis;
    const held = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
      if (statementOf(request).includes("register_orchestrator") && statementOf(request).includes(id)) {
        asked.resolve();
        await held.promise;
      }
      return await fetch(...request);
    });
    const renamed = register("after");
    await asked.promise;
    const switched = orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await eventually(() => expect(versions.map(([transition]) => transition)).toContain("independence"));
    held.resolve();
    await Promise.all([renamed, switched]);
    const [independence, ...later] = versions.filter(([transition]) => transition !== null);
    expect(independence?.[0]).toBe("independence");
    expect(later.map(([transition]) => transition)).toEqual(["profile"]);
    expect(later[0]?.[2]).toBeGreaterThan(independence?.[2] ?? Number.POSITIVE_INFINITY);
  });
});
