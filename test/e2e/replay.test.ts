import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { type Frame, RawClient } from "../support/raw-client.ts";
import { beatsOf, idOf, parseRecording, REPLAY_GAP_MS, type RecordedConnection } from "../support/replay.ts";
import { asList, type Stack, startStack } from "../support/stack.ts";

const RECORDINGS = ["wire-python-client.jsonl", "wire-python-client-restart.jsonl"];

describe("recorded frames of the Python client", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });

  afterAll(async () => {
    await stack?.stop();
  });

  const routes = [
    ["bare /ws", () => "/ws"],
    ["/", () => "/"],
    ["/ws/{orchestrator_id}", (id: string) => `/ws/${id}`],
  ] as const;

  const cases = routes.flatMap(([route, path]) => RECORDINGS.map((file) => ({ route, path, file })));

  it.each(cases)("$file on $route: ack, provisioning, every beat lands", async ({ path, file }) => {
    const recording = await readFile(join(import.meta.dirname, "../data", file), "utf8");
    for (const connection of parseRecording(recording)) await replay(connection, path(idOf(connection)));
  });

  async function replay(connection: RecordedConnection, path: string): Promise<void> {
    const id = idOf(connection);
    const countedBefore = await beatsCounted(id);
    const client = await RawClient.open(`${stack.controller.wsUrl}${path}`);
    const sent = Date.now();
    for (const { frame } of connection.fromClient) {
      client.send(frame);
      await sleep(REPLAY_GAP_MS);
    }

    const ack = await client.next();
    expect(ack).toMatchObject({ type: "handshake_ack", success: true, orch_id: id, orchestrator_id: id });
    expectProvisioning(await client.next(), connection);
    for (let beat = 0; beat < beatsOf(connection); beat++) {
      expect(await client.next("keepalive_ack")).toMatchObject({ orchestrator_id: id, independent: false });
    }
    expect(client.isOpen).toBe(true);
    expect(client.received("error")).toEqual([]);

    await expectLanded(id, sent);
    expect(await beatsCounted(id)).toBe(countedBefore + beatsOf(connection));
    expect((await stack.activityTypes(id)).filter((type) => type === "keepalive").length).toBeGreaterThan(0);
    // The recorded client ends without a close frame.
    client.kill();
    await eventually(async () => expect(await stack.instance(id)).toMatchObject({ status: "inactive" }));
  }

  /** The one that the client applies; another id in it would rename the client. */
  function expectProvisioning(frame: Frame, connection: RecordedConnection): void {
    const recorded = connection.fromServer.find((answer) => answer.frame.type === "provisioning")?.frame;
    const { name, location } = (recorded?.data ?? {}) as { name?: string; location?: string };
    expect(frame).toMatchObject({
      type: "provisioning",
      data: { orchestrator_id: idOf(connection), features: expect.anything(), name, location },
    });
  }

  /** last_seen of REST and of both tables is that of this replay. */
  async function expectLanded(id: string, since: number): Promise<void> {
    await eventually(async () => {
      const detail = await stack.controller.call("GET", `/api/v1/controller/orchestrators/${id}`);
      expect(detail.body.data).toMatchObject({ status: "active", connected: true, health_status: "healthy" });
      for (const lastSeen of [
        String(detail.body.data?.last_seen),
        (await stack.instance(id))?.last_seen,
        (await stack.organization(id))?.last_seen,
      ]) {
        expect(Date.parse(lastSeen ?? "")).toBeGreaterThanOrEqual(since);
      }
      expect(await stack.instance(id)).toMatchObject({ status: "active" });
    });
  }

  /** In the minutes of the heartbeat bar, which hold every beat of the last hour. */
  async function beatsCounted(id: string): Promise<number> {
    const { status, body } = await stack.controller.call("GET", `/api/v1/controller/orchestrators/${id}`);
    if (status === 404) return 0;
    return asList(body.data?.beats?.minutes).reduce((sum, minute) => sum + Number(minute.processed), 0);
  }
});
