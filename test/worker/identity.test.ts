import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { CONTROLLER, call } from "./api.ts";
import { Client, orchestratorRpc } from "./client.ts";

const activityTypes = async (id: string) => (await orchestratorRpc(id).activity(200))?.map(({ type }) => type) ?? [];

afterEach(() => {
  vi.useRealTimers();
});

function moveClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + byMs });
}

/** A process that opens a session whenever it has none. */
class Machine {
  readonly #id: string;
  readonly #metadata: object;
  client: Client | null = null;
  errors: string[] = [];

  constructor(id: string, metadata: object) {
    this.#id = id;
    this.#metadata = metadata;
  }

  get isConnected(): boolean {
    return this.client !== null && this.client.closeCode === null;
  }

  async try(): Promise<boolean> {
    const client = await Client.open(`/ws/${this.#id}`);
    client.send({ type: "handshake", data: { orchestrator_id: this.#id, metadata: this.#metadata } });
    await eventually(() => expect(client.frames.length).toBeGreaterThan(0));
    const [first] = client.frames;
    if (first?.type === "handshake_ack") {
      this.client = client;
      return true;
    }
    this.errors.push(JSON.stringify(first?.data));
    await client.untilClosed(4409);
    return false;
  }
}

describe("two live machines under one id", () => {
  it.each([
    ["equal metadata", { hostname: "h", ip: "10.0.0.1" }],
    ["no metadata", {}],
  ])("B13: with %s are told apart by the answers of the sockets they lose", async (words, metadata) => {
    const id = `ident-twin-${words.split(" ")[0]}`;
    const machines = [new Machine(id, metadata), new Machine(id, metadata)] as const;
    let refused = 0;
    for (let round = 0; round < 12 && refused === 0; round++) {
      const next = machines[0].isConnected ? machines[1] : machines[0];
      if (!(await next.try())) refused += 1;
      await sleep(2_100);
    }
    expect(refused).toBe(1);
    const error = JSON.parse([...machines[0].errors, ...machines[1].errors][0] ?? "{}");
    expect(error).toMatchObject({ code: "duplicate_identity", fatal: true, retry_after_ms: 5_000 });
    expect(machines.filter(({ isConnected }) => isConnected)).toHaveLength(1);
    expect((await activityTypes(id)).filter((type) => type === "duplicate_identity")).toHaveLength(1);
    await eventually(async () => {
      const { items } = (await call("GET", `${CONTROLLER}/attention?kind=duplicate_identity&limit=100`)).body.data;
      expect(items.filter((item: { orchestrator_id: string }) => item.orchestrator_id === id)).toMatchObject([
        { severity: "high", organization_id: id, refusal: { reason: "duplicate_identity" } },
      ]);
    });
    // Its status does not read as plainly healthy, wherever it is shown.
    for (const path of ["orchestrators/live", "orchestrators"]) {
      const { data } = (await call("GET", `${CONTROLLER}/${path}/${id}`)).body;
      expect(data).toMatchObject({ connected: true, contested: true });
    }
  });

  it("B13 sibling: that take turns, because both beat slowly, are shown where people look", async () => {
    const id = "ident-turns";
    const machines = [new Machine(id, { hostname: "a" }), new Machine(id, { hostname: "b" })] as const;
    for (const index of [0, 1, 0, 1] as const) {
      expect(await machines[index].try()).toBe(true);
      moveClock(index === 1 ? 46_000 : 3_000);
    }
    expect((await activityTypes(id)).filter((type) => type === "duplicate_identity")).toHaveLength(1);
    expect((await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data).toMatchObject({ contested: true });
    await eventually(async () => {
      const { items } = (await call("GET", `${CONTROLLER}/attention?kind=duplicate_identity&limit=100`)).body.data;
      expect(items.map((item: { orchestrator_id: string }) => item.orchestrator_id)).toContain(id);
    });
  });

  it("B13 sibling: one process may connect anew as often as it likes", async () => {
    const machine = new Machine("ident-restless", { hostname: "h" });
    for (let round = 0; round < 8; round++) expect(await machine.try()).toBe(true);
    expect(await activityTypes("ident-restless")).not.toContain("duplicate_identity");
  });
});

describe("a rolling restart under one id", () => {
  it("B31: lets each new pod in at its first try, and warns nobody", async () => {
    const id = "ident-rollout";
    const pods = [1, 2, 3].map((number) => new Machine(id, { hostname: `pod-${number}`, ip: "10.0.0.1" }));
    for (const [index, pod] of pods.entries()) {
      expect(await pod.try()).toBe(true);
      const older = pods.slice(0, index);
      await eventually(() => expect(older.some(({ isConnected }) => isConnected)).toBe(false));
      for (let turn = 0; turn < 3; turn++) {
        for (const old of older) expect(await old.try()).toBe(false);
        pod.client?.send({ type: "i_am_alive" });
      }
      expect(pod.isConnected).toBe(true);
    }
    expect(pods[0]?.errors[0]).toContain("Wait, then try again");
    expect(await activityTypes(id)).not.toContain("duplicate_identity");
    const { body } = await call("GET", `${CONTROLLER}/attention?kind=duplicate_identity&limit=100`);
    expect(JSON.stringify(body)).not.toContain(id);
  });
});
