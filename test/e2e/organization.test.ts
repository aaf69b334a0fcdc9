import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ORGANIZATION = "acme";
const IDS = ["acme-1", "acme-2", "acme-3"];
const OTHERS = ["bolt", "corp", "delta", "echo"];
const ROUNDS = 20;

// Three shards, so that an organization, the live list and the log are put together from several.
describe("an organization of several orchestrators, in a fleet of three shards", () => {
  let stack: Stack;
  const sockets = new Map<string, RawClient>();

  beforeAll(async () => {
    // Nobody beats here: on a busy machine the test may last longer than the usual TTL.
    stack = await startStack({ vars: { FLEET_SHARDS: "3", HEARTBEAT_TTL_SEC: "600" } });
    for (const id of IDS) await stack.register(id, ORGANIZATION);
    for (const id of OTHERS) await stack.register(id);
  });

  afterAll(async () => {
    for (const socket of sockets.values()) socket.kill();
    await stack?.stop();
  });

  /** One that is connected has lost its socket: two that answer would be two machines under one id. */
  async function connect(id: string): Promise<void> {
    sockets.get(id)?.kill();
    const socket = await openSession(`${stack.controller.wsUrl}/ws`, id);
    sockets.set(id, socket);
    socket.send(beat());
    await socket.next("keepalive_ack");
  }

  async function disconnect(id: string): Promise<void> {
    await sockets.get(id)?.close(1000);
    sockets.delete(id);
  }

  async function setIndependence(id: string, isIndependent: boolean): Promise<void> {
    const path = `/api/v1/internal/orchestrators/${id}/independence`;
    const { status, text } = await stack.controller.call("PUT", path, { is_independent: isIndependent });
    expect(status, text).toBe(200);
  }

  async function expectOrganization(status: string): Promise<void> {
    await eventually(async () => {
      const rows = (await stack.instances()).filter((row) => row.organization_id === ORGANIZATION);
      const newest =
        rows
          .flatMap((row) => row.last_seen ?? [])
          .sort()
          .at(-1) ?? null;
      expect(await stack.organization(ORGANIZATION)).toMatchObject({ status, last_seen: newest });
      expect(await stack.listed("organizations", ORGANIZATION)).toMatchObject({ status, last_seen: newest });
    });
  }

  it("is inactive before any of them connected", async () => {
    await expectOrganization("inactive");
    expect(await stack.organization(ORGANIZATION)).toMatchObject({ is_active: false, last_seen: null });
  });

  it("is active while any of them is", async () => {
    await Promise.all(IDS.map(connect));
    await expectOrganization("active");
    await disconnect("acme-1");
    await disconnect("acme-3");
    await eventually(async () => expect(await stack.instance("acme-3")).toMatchObject({ status: "inactive" }));
    await expectOrganization("active");
    await disconnect("acme-2");
    await expectOrganization("inactive");
    expect(await stack.organization(ORGANIZATION)).toMatchObject({ is_active: true });
  });

  it("is independent only when all of them are", async () => {
    await setIndependence("acme-1", true);
    await setIndependence("acme-2", true);
    await expectOrganization("inactive");
    await setIndependence("acme-3", true);
    await expectOrganization("independent");
    await connect("acme-3");
    await setIndependence("acme-3", false);
    await expectOrganization("active");
    await Promise.all(IDS.map((id) => setIndependence(id, false)));
  });

  it("lists the live ones and the log lines of all shards", async () => {
    await Promise.all(OTHERS.map(connect));
    await eventually(async () => {
      const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
      expect(Object.keys(body.data?.orchestrators ?? {}).sort()).toEqual(["acme-3", ...OTHERS]);
      expect(body.data?.total_count).toBe(OTHERS.length + 1);
    });
    for (const id of OTHERS) await stack.waitForLog(`[C-OCS] Processing heartbeat from orchestrator ${id}`);
  });

  it(`follows from them after toggles and reconnects at once, ${ROUNDS} times`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(
        IDS.map(async (id) => {
          const choice = Math.random();
          if (choice < 0.3) await setIndependence(id, Math.random() < 0.5);
          else if (choice < 0.7) await connect(id);
          else await disconnect(id);
        }),
      );
      await eventually(async () => {
        const rows = (await stack.instances()).filter((row) => row.organization_id === ORGANIZATION);
        for (const row of rows) {
          const path = `/api/v1/controller/orchestrators/${row.orchestrator_id}`;
          const { body } = await stack.controller.call("GET", path);
          expect(row, `round ${round}`).toMatchObject({ status: body.data?.status, last_seen: body.data?.last_seen });
          const expected = row.is_independent
            ? "independent"
            : sockets.has(row.orchestrator_id)
              ? "active"
              : "inactive";
          expect(row.status, `round ${round}: ${row.orchestrator_id}`).toBe(expected);
        }
      });
      const rows = (await stack.instances()).filter((row) => row.organization_id === ORGANIZATION);
      const status = rows.some((row) => row.status === "active")
        ? "active"
        : rows.every((row) => row.is_independent)
          ? "independent"
          : "inactive";
      await expectOrganization(status);
    }
  }, 240_000);

  it("goes with the last of them", async () => {
    for (const [index, id] of IDS.entries()) {
      expect(await stack.organization(ORGANIZATION)).not.toBeNull();
      const path =
        index === 0
          ? `/api/v1/controller/orchestrator-instances/${id}`
          : `/api/v1/internal/orchestrators/${id}/deregister`;
      const { status, text } = await stack.controller.call("DELETE", path);
      expect(status, text).toBe(200);
      expect(await stack.instance(id)).toBeNull();
    }
    expect(await stack.organization(ORGANIZATION)).toBeNull();
  });
});
