import { describe, expect, it } from "vitest";
import { MAX_UNREAD_BYTES, REPLAY_PORTION_BYTES } from "../../worker/contract/values/limits.ts";
import { Client, orchestratorRpc } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };
const BYTES = 8 * 1024;

async function create(id: string, number: number): Promise<{ pushed: boolean }> {
  const content = `${number} `.padEnd(BYTES, "x");
  const result = await orchestratorRpc(id).createMessage({ type: "monitoring", content, metadata: {}, audit: AUDIT });
  if (!result.ok) throw new Error(result.code);
  return result.value;
}

const numbers = (client: Client) =>
  client.frames.flatMap(({ type, data }) =>
    type === "message" ? [Number.parseInt((data as { content: string }).content, 10)] : [],
  );
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

describe("a client that says nothing", () => {
  it("is sent 256 KiB and no more, and is told the rest when it has spoken", async () => {
    const id = "slow-silent";
    const client = await Client.connect(id);
    const most = Math.floor(MAX_UNREAD_BYTES / BYTES);
    let sent = 0;
    while (sent <= most && (await create(id, sent)).pushed) sent++;
    expect(sent).toBeGreaterThan(most * 0.9);
    expect(await create(id, sent + 1)).toMatchObject({ pushed: false });
    client.send({ type: "i_am_alive" });
    await client.until("message", sent + 2);
    expect(numbers(client)).toEqual(upTo(sent + 2));
    expect(client.closeCode).toBeNull();
  });

  it("is not sent free frames beyond that, but is told of its independence", async () => {
    const id = "slow-frames";
    const client = await Client.connect(id);
    const data = { text: "x".repeat(BYTES) };
    let last = await orchestratorRpc(id).send({ type: "note", data }, AUDIT);
    for (let count = 0; last.ok && count < 40; count++)
      last = await orchestratorRpc(id).send({ type: "note", data }, AUDIT);
    expect(last).toMatchObject({ ok: false, code: "rate_limited" });
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    await client.until("stop_monitoring", 1);
    expect(client.closeCode).toBeNull();
  });

  it("stays while it beats, however much it is sent", async () => {
    const id = "slow-beating";
    const client = await Client.connect(id);
    for (let number = 0; number < 80; number++) {
      if (number % 16 === 0) {
        client.send({ type: "i_am_alive" });
        await client.until("keepalive_ack", number / 16 + 1);
      }
      expect(await create(id, number)).toMatchObject({ pushed: true });
    }
    await client.until("message", 80);
    expect(client.closeCode).toBeNull();
  });
});

describe("messages that waited", () => {
  it("come a portion at a time, the next with each frame of the client, in order and with those that join", async () => {
    const id = "slow-replay";
    const before = await Client.connect(id);
    before.socket.close(1000);
    await before.untilClosed(1000);
    const waiting = 60;
    for (const number of upTo(waiting)) expect(await create(id, number)).toMatchObject({ pushed: false });

    const client = await Client.connect(id);
    client.send({ type: "request_status" });
    await client.until("status", 1);
    // The first portion came with the handshake, the second one with the question.
    const portion = Math.floor(REPLAY_PORTION_BYTES / BYTES);
    expect(numbers(client).length).toBeGreaterThan(portion);
    expect(numbers(client).length).toBeLessThanOrEqual(2 * portion);
    // A new one goes to the end of the queue.
    expect(await create(id, waiting)).toMatchObject({ pushed: false });
    for (let beats = 1; numbers(client).length <= waiting && beats < 20; beats++) {
      client.send({ type: "i_am_alive" });
      await client.until("keepalive_ack", beats);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(numbers(client)).toEqual(upTo(waiting + 1));
    expect(await create(id, waiting + 1)).toMatchObject({ pushed: true });
    expect(client.closeCode).toBeNull();
  });

  it("wait on while the orchestrator is independent, and go on when it is not", async () => {
    const id = "slow-free";
    const before = await Client.connect(id);
    before.socket.close(1000);
    await before.untilClosed(1000);
    for (const number of upTo(40)) await create(id, number);
    const client = await Client.connect(id);
    await orchestratorRpc(id).setIndependence({ isIndependent: true, audit: AUDIT });
    // Whatever was on its way has come before it.
    await client.until("independence_update", 1);
    const told = numbers(client).length;
    client.send({ type: "i_am_alive" });
    await client.until("keepalive_ack", 1);
    expect(numbers(client)).toHaveLength(told);
    expect(told).toBeLessThan(40);
    await orchestratorRpc(id).setIndependence({ isIndependent: false, audit: AUDIT });
    for (let beats = 2; numbers(client).length < 40 && beats < 20; beats++) {
      client.send({ type: "i_am_alive" });
      await client.until("keepalive_ack", beats);
    }
    await client.until("message", 40);
    expect(numbers(client)).toEqual(upTo(40));
  });
});
