import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** The same server at another port of this machine, through which WebSockets can be cut at any moment. */
export interface Cuttable {
  url: string;
  /** Ends one open WebSocket the hard way, without a close frame; false when there is none. */
  cut(): boolean;
  stop(): Promise<void>;
}

export async function cuttable(target: string): Promise<Cuttable> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const upgraded = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = dial(Number(port), hostname);
    open.add(socket);
    socket.once("data", (head: Buffer) => {
      if (/^upgrade: websocket/im.test(head.toString("latin1"))) upgraded.add(socket);
    });
    // Always followed by "close".
    for (const each of [socket, upstream]) each.on("error", () => undefined);
    socket.on("close", () => {
      open.delete(socket);
      upgraded.delete(socket);
      upstream.destroy();
    });
    upstream.on("close", () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      const sockets = [...upgraded];
      const chosen = sockets[Math.floor(Math.random() * sockets.length)];
      chosen?.resetAndDestroy();
      return chosen !== undefined;
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
