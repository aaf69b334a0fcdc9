import { afterEach, describe, expect, it, vi } from "vitest";
import { Client } from "./client.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a socket that names nobody in its address", () => {
  it("may be closed while answers are on their way", async () => {
    const sent = vi.spyOn(WebSocket.prototype, "send");
    for (let round = 0; round < 10; round++) {
      const client = await Client.open("/ws");
      client.send({ type: "handshake", data: { orchestrator_id: "lobby-hasty", metadata: {} } });
      await client.until("handshake_ack", 1);
      for (let number = 0; number < 40; number++) client.send({ type: "i_am_alive" });
      client.socket.close(1000);
      await client.untilClosed(1000);
    }
    // The last answers have come or gone when another session has.
    await Client.connect("lobby-hasty");
    // The object knows that its own sends may fail, and catches that.
    const thrown = sent.mock.results.flatMap(({ type, value }) => (type === "throw" ? [String(value.stack)] : []));
    expect(thrown.filter((stack) => stack.includes("lobby"))).toEqual([]);
  });
});
