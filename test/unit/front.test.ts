import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Front, startFront } from "../../scripts/lib/front.ts";
import { freePort } from "../../scripts/lib/ports.ts";
import { FRONT_KEY_HEADER } from "../../worker/middleware/development.ts";

const MIB = 1024 * 1024;
const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

describe("the proxy in front of the local runtime", () => {
  let front: Front;
  let port: number;
  let runtime: Server;
  let seen: IncomingMessage[];

  beforeEach(async () => {
    port = await freePort();
    front = await startFront(port);
    seen = [];
    runtime = createServer((incoming, response) => {
      seen.push(incoming);
      response.writeHead(201, "Made", ["Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
      incoming.pipe(response);
    });
    runtime.on("upgrade", (incoming, socket, head) => {
      seen.push(incoming);
      if (incoming.url === "/refused") return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      socket.write(head);
      socket.pipe(socket);
      socket.on("error", () => {});
    });
    await once(runtime.listen(front.runtimePort, "127.0.0.1"), "listening");
  });
  afterEach(async () => {
    await front.close();
    runtime.closeAllConnections();
    runtime.close();
  });

  /** The whole answer to bytes that are sent as they are. */
  async function raw(bytes: string): Promise<string> {
    const socket = connect(port, "127.0.0.1");
    socket.write(bytes);
    return await text(socket);
  }

  /** A connection after its 101. */
  async function upgraded(): Promise<Socket> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.write(`GET /ws HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`);
    const [head] = await once(socket, "data");
    expect(String(head)).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
    return socket;
  }

  it("passes on the Host as it was sent, and no header of the runtime's own", async () => {
    const own = `MF-Original-URL: http://localhost/\r\nmf-route-override: x\r\n${FRONT_KEY_HEADER}: guessed\r\n`;
    for (const upgrade of ["Connection: close\r\n", UPGRADE]) {
      await raw(`GET /refused HTTP/1.1\r\nHost: evil.example\r\nX-Two: 1\r\nX-Two: 2\r\n${own}${upgrade}\r\n`);
    }
    expect(seen).toHaveLength(2);
    for (const { headers } of seen) {
      expect(headers).toMatchObject({ host: "evil.example", "x-two": "1, 2" });
      expect(headers[FRONT_KEY_HEADER.toLowerCase()]).toBe(front.key);
      expect(Object.keys(headers).filter((name) => name.startsWith("mf-"))).toEqual([]);
    }
  });

  it("answers a request whose headers Node refuses to send on, and goes on answering", async () => {
    for (const upgrade of ["Connection: close\r\n", UPGRADE]) {
      const answer = await raw(`GET /refused HTTP/1.1\r\nHost: a\r\nTrailer: x\r\nTE: trailers\r\n${upgrade}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 (201|403) /);
    }
    expect(seen.map(({ headers }) => [headers.trailer, headers.te])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
  });

  it("passes bodies both ways, and makes none where there is none", async () => {
    const sent = request({ port, method: "POST", path: "/x?y=%20", headers: { "Content-Type": "text/plain" } });
    sent.end("z".repeat(8 * MIB));
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    expect([answer.statusCode, answer.statusMessage]).toEqual([201, "Made"]);
    expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(await text(answer)).toHaveLength(8 * MIB);
    expect(seen[0]).toMatchObject({ method: "POST", url: "/x?y=%20" });

    await raw("POST /empty HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(seen[1]?.headers).not.toHaveProperty("transfer-encoding");
    expect(seen[1]?.headers).not.toHaveProperty("content-length");
  });

  it("refuses an address that names a host of its own", async () => {
    for (const headers of ["Connection: close\r\n", UPGRADE]) {
      expect(await raw(`GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`)).toMatch(
        /^HTTP\/1\.1 400 /,
      );
    }
    expect(seen).toEqual([]);
  });

  it("tunnels an upgraded connection, also to a reader that waits", async () => {
    const socket = await upgraded();
    socket.pause();
    const bytes = Buffer.alloc(8 * MIB, "0123456789");
    socket.end(bytes);
    // The end of what was sent does not end what is still to come.
    const echoed = await text(socket);
    expect(echoed).toHaveLength(bytes.length);
    expect(echoed).toBe(bytes.toString());
  });

  it("ends each side of a tunnel with the other one", async () => {
    const both = async (): Promise<[Socket, Socket]> => {
      const [[, side], socket] = await Promise.all([once(runtime, "upgrade"), upgraded()]);
      return [side, socket];
    };
    const [left, killed] = await both();
    killed.destroy();
    await once(left, "close");

    const [lost, socket] = await both();
    lost.destroy();
    socket.resume().end();
    await once(socket, "close");
  });

  it("ends the connection after a refused upgrade, so that no second request goes past it", async () => {
    const answer = await raw(
      `GET /refused HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\nGET /second HTTP/1.1\r\nHost: evil\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*Connection: close\r\n\r\nno$/);
    expect(seen.map(({ url }) => url)).toEqual(["/refused"]);
  });

  it("says so while there is no runtime", async () => {
    runtime.close();
    runtime.closeAllConnections();
    for (const headers of ["Connection: close\r\n", UPGRADE]) {
      expect(await raw(`GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`)).toMatch(/^HTTP\/1\.1 503 [\s\S]*try again soon/);
    }
  });
});
