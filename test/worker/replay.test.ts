import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import long from "../data/wire-python-client.jsonl?raw";
import restarted from "../data/wire-python-client-restart.jsonl?raw";
import { eventually } from "../support/eventually.ts";
import { idOf, normalise, parseRecording, type RecordedConnection } from "../support/replay.ts";
import { Client, type Frame, orchestratorStub } from "./client.ts";

const recordings = [
  { name: "wire-python-client", connections: parseRecording(long) },
  { name: "wire-python-client-restart", connections: parseRecording(restarted) },
];
const routes = [
  { route: "bare /ws", path: () => "/ws" },
  { route: "/", path: () => "/" },
  { route: "/ws/{id}", path: (id: string) => `/ws/${id}` },
];

/** ack, provisioning and provision_config answer the handshake; each beat has one answer. */
const ANSWERS: Record<string, number> = { handshake: 3, i_am_alive: 1 };

async function replay(connection: RecordedConnection, path: string, between: () => Promise<void>): Promise<Frame[]> {
  const client = await Client.open(path);
  let expected = 0;
  for (const { frame } of connection.fromClient) {
    client.send(frame);
    expected += ANSWERS[frame.type] ?? 0;
    await eventually(() => expect(client.frames).toHaveLength(expected));
    await between();
  }
  client.socket.close(1000, "end of recording");
  return client.frames;
}

describe.each(recordings)("$name", ({ connections }) => {
  it.each(routes)("on $route: the same transcript with an eviction between every two frames", async ({ path }) => {
    for (const connection of connections) {
      const id = idOf(connection);
      const plain = await replay(connection, path(id), async () => {});
      const evicted = await replay(connection, path(id), async () => {
        await evictDurableObject(orchestratorStub(id), { webSockets: "hibernate" });
      });
      expect(plain[0]).toMatchObject({ type: "handshake_ack", success: true, orch_id: id, orchestrator_id: id });
      expect(plain[1]).toMatchObject({ type: "provisioning", data: { orchestrator_id: id } });
      expect(normalise(evicted)).toEqual(normalise(plain));
    }
  });
});
