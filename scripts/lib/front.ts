import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse, STATUS_CODES } from "node:http";
import { connect } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { FRONT_KEY_HEADER } from "../../worker/middleware/development.ts";
import { freePort } from "./ports.ts";

export interface Front {
  /** The port that callers use. */
  port: number;
  /** The port on which wrangler has to listen. */
  runtimePort: number;
  /** The value of DEV_FRONT_KEY for the Worker. */
  key: string;
  close(): Promise<void>;
}

/** Headers that describe one connection; Node writes its own on the other one. */
const OF_ONE_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "expect",
  "upgrade",
  "te",
  "trailer",
]);

/**
 * A proxy on `port` in front of `wrangler dev`. wrangler lets the caller's header MF-Original-URL replace the Host of a
 * request, and so lets a web page past the Worker's check of the Host. The proxy removes such headers, and adds the key
 * without which the Worker refuses a request: nobody can use the runtime's own port instead.
 */
export async function startFront(port: number): Promise<Front> {
  const key = randomBytes(32).toString("hex");
  const runtimePort = await freePort();
  const server = createServer();
  const sockets = new Set<Duplex>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  const send = (incoming: IncomingMessage, isUpgrade: boolean) => {
    const outgoing = request({
      method: incoming.method,
      path: incoming.url,
      setHost: false,
      createConnection: () => connect({ host: "127.0.0.1", port: runtimePort, allowHalfOpen: isUpgrade }),
    });
    // Without this Node gives a request without a body an empty one.
    outgoing.useChunkedEncodingByDefault = false;
    for (const [name, value] of passedOn(incoming.rawHeaders)) outgoing.appendHeader(name, value);
    outgoing.appendHeader(FRONT_KEY_HEADER, key);
    if (isUpgrade) {
      outgoing.appendHeader("Connection", "Upgrade");
      outgoing.appendHeader("Upgrade", incoming.headers.upgrade ?? "websocket");
    }
    // Node checks some headers only when it writes them: here, so that an error is thrown where `trySend` catches it.
    outgoing.flushHeaders();
    return outgoing;
  };
  /** Null when Node refuses to send such a request. Uncaught, its error would end the process. */
  const trySend = (incoming: IncomingMessage, isUpgrade: boolean) => {
    try {
      return send(incoming, isUpgrade);
    } catch {
      return null;
    }
  };

  server.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
    if (!isPath(incoming.url)) return void response.writeHead(400).end(NO_PATH);
    const outgoing = trySend(incoming, false);
    if (!outgoing) return void response.writeHead(400).end(UNSENDABLE);
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answerHeaders(answer).flat());
      pipeline(answer, response, () => {});
    });
    outgoing.on("error", () => {
      if (response.headersSent) response.destroy();
      else response.writeHead(503, { "Retry-After": "1" }).end(NO_RUNTIME);
    });
    response.on("close", () => outgoing.destroy());
    pipeline(incoming, outgoing, () => {});
  });

  server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, callerHead: Buffer) => {
    socket.on("error", () => socket.destroy());
    if (!isPath(incoming.url)) return void socket.end(`${headOf(400, [])}${NO_PATH}`);
    const outgoing = trySend(incoming, true);
    if (!outgoing) return void socket.end(`${headOf(400, [])}${UNSENDABLE}`);
    outgoing.on("upgrade", (answer, runtime, head) => {
      const headers = pairs(answer.rawHeaders);
      socket.write(headOf(101, headers));
      socket.write(head);
      runtime.write(callerHead);
      pipeline(socket, runtime, () => {});
      pipeline(runtime, socket, () => {});
    });
    // A refusal. After it the caller may not go on talking on this connection: nobody would look at its headers.
    outgoing.on("response", (answer) => {
      socket.write(headOf(answer.statusCode ?? 502, [...answerHeaders(answer), ["Connection", "close"]]));
      pipeline(answer, socket, () => {});
    });
    outgoing.on("error", () => socket.end(`${headOf(503, [["Retry-After", "1"]])}${NO_RUNTIME}`));
    socket.on("close", () => outgoing.destroy());
    outgoing.end();
  });

  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port,
    runtimePort,
    key,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}

const NO_RUNTIME = "The local runtime does not answer. It may be starting: try again soon.\n";
const NO_PATH = "The address in a request must be a path.\n";
const UNSENDABLE = "The proxy cannot pass on a request with these headers.\n";

/** An absolute address in the request line would name a second host. */
function isPath(url: string | undefined): boolean {
  return url?.startsWith("/") ?? false;
}

function pairs(rawHeaders: string[]): [string, string][] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  return names.map((name, index) => [name, rawHeaders[index * 2 + 1] ?? ""]);
}

/** What wrangler and Miniflare read from their own headers never comes from a caller. */
function passedOn(rawHeaders: string[]): [string, string][] {
  return pairs(rawHeaders).filter(([name]) => {
    const key = name.toLowerCase();
    return !(OF_ONE_CONNECTION.has(key) || key.startsWith("mf-") || key === FRONT_KEY_HEADER.toLowerCase());
  });
}

function answerHeaders(answer: IncomingMessage): [string, string][] {
  return passedOn(answer.rawHeaders).filter(([name]) => name.toLowerCase() !== "transfer-encoding");
}

function headOf(status: number, headers: [string, string][]): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}\r\n`;
}
