import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket as NodeWebSocket } from "ws";
import { Connection } from "../../dashboard/src/live/connection.ts";
import type { Patch } from "../../dashboard/src/live/store.ts";
import type { FeedEvent, StreamRow } from "../../worker/contract/stream.ts";
import { eventually, sleep } from "../support/eventually.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { StreamClient } from "../support/stream-client.ts";

const IDS = Array.from({ length: 8 }, (_, index) => `org-${index}`);
const CUTS = 100;

/** The dashboard's own connection, in Node, on sockets that the test can cut. */
function follow(wsUrl: string) {
  const open = new Map<number, NodeWebSocket>();
  const events = new Map<number, FeedEvent[]>();
  const rows = new Map<string, StreamRow>();
  let isLive = false;
  let snapshots = 0;
  const connection = new Connection({
    openSocket: (shard, cursor) => {
      const query = cursor === null ? "" : `&cursor=${cursor}`;
      const headers = { Authorization: "Bearer fake-dev-token" };
      const socket = new NodeWebSocket(`${wsUrl}/api/v1/stream?shard=${shard}${query}`, { headers });
      // Always followed by "close".
      socket.on("error", () => undefined);
      open.set(shard, socket);
      return socket as unknown as WebSocket;
    },
    onPatch: (shard, patch: Patch) => {
      if (patch.retain) snapshots += 1;
      for (const row of patch.rows) rows.set(row.orchestrator_id, row);
      for (const id of patch.removed) rows.delete(id);
      events.set(shard, [...(events.get(shard) ?? []), ...patch.events]);
    },
    onLines: () => undefined,
    onStates: (states) => {
      isLive = states.every((state) => state.isLive);
    },
    onSessionEnd: () => undefined,
    wanted: () => null,
    isHidden: () => false,
    random: () => 0,
  });
  connection.start();
  return {
    events,
    rows,
    snapshots: () => snapshots,
    ready: () => eventually(() => expect(isLive).toBe(true), { everyMs: 5 }),
    /** The cable is cut: no close frame. */
    cut: (shard: number) => open.get(shard)?.terminate(),
    stop: () => connection.stop(),
  };
}

describe.each([1, 3])("the connection of the dashboard, with %s shards", (shards) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ vars: { FLEET_SHARDS: String(shards) } });
    for (const id of IDS) await stack.register(id);
  });

  afterAll(() => stack?.stop());

  it(`loses and doubles no event over ${CUTS} forced disconnects`, async () => {
    const { controller } = stack;
    const steady = await Promise.all(
      Array.from({ length: shards }, (_, shard) => StreamClient.open(controller.wsUrl, { shard })),
    );
    for (const viewer of steady) await viewer.ready();
    const page = follow(controller.wsUrl);
    await page.ready();
    const from = steady.map((viewer) => viewer.state.index ?? 0);

    let isDone = false;
    const toggle = async () => {
      for (let turn = 0; !isDone; turn += 1) {
        const id = IDS[turn % IDS.length];
        const path = `/api/v1/internal/orchestrators/${id}/independence`;
        const isIndependent = Math.floor(turn / IDS.length) % 2 === 0;
        expect((await controller.call("PUT", path, { is_independent: isIndependent })).status).toBe(200);
      }
    };
    const toggling = toggle();
    for (let cut = 0; cut < CUTS; cut += 1) {
      await page.ready();
      page.cut(cut % shards);
      await sleep(cut % 7);
      // Now and then again, before it is back.
      if (cut % 5 === 0) page.cut(cut % shards);
    }
    isDone = true;
    await toggling;

    await eventually(() => {
      for (const [shard, viewer] of steady.entries()) {
        const seen = viewer.state.events.filter(({ index }) => index > (from[shard] ?? 0));
        expect(page.events.get(shard) ?? []).toEqual(seen);
      }
    });
    const told = [...page.events.values()].flat();
    expect(told.length).toBeGreaterThan(20);
    // One of each shard at the start: every other connection went on from its cursor.
    expect(page.snapshots()).toBe(shards);
    for (const viewer of steady) {
      expect(viewer.state.problems).toEqual([]);
      for (const [id, row] of viewer.state.rows) expect(page.rows.get(id)).toEqual(row);
      await viewer.kill();
    }
    page.stop();
  }, 240_000);
});
