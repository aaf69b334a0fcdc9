import { afterEach, describe, expect, it, vi } from "vitest";
import { Fleet } from "../../worker/fleet/fleet.ts";
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
});
