import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type Backend, SqlError } from "./backend.ts";
import { encodeResult, type NeonRequest, parseRequest } from "./neon-protocol.ts";

const HOST = "127.0.0.1";

export interface EndpointOptions {
  backend: Backend;
  /** 0, the default, takes any free port. */
  port?: number;
  maxBodyBytes?: number;
  /** Called for each request that reaches the back end, with its statements. */
  onStatement?: (sql: string[]) => void;
}

/** A running endpoint. Pausing and freezing are faults for tests; the back end lives through both. */
export interface Endpoint {
  readonly url: string;
  readonly port: number;
  /** Stops listening: callers get a refused connection, until {@link resume} takes the same port again. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Takes requests and answers none until {@link unfreeze}. "before" holds them in front of the database, where those
   * whose caller gives up are dropped; "after" runs them and holds the answer.
   */
  freeze(where?: "before" | "after"): void;
  unfreeze(): void;
  close(): Promise<void>;
}

/**
 * Serves Neon's HTTP protocol on loopback, so that the Worker speaks to a local database through the same driver and
 * the same code as to Neon.
 */
export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const gate = new Gate();
  // An idle connection that this side closes may be the one the next statement is just being sent on.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void handle(options, gate, request, response);
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://${HOST}:${port}/sql`,
    port,
    pause: () => stop(server),
    resume: async () => {
      await listen(server, port);
    },
    freeze: (where = "before") => gate.shut(where),
    unfreeze: () => gate.open(),
    close: async () => {
      gate.open();
      await stop(server);
      await options.backend.close();
    },
  };
}

class Gate {
  #where: "before" | "after" | undefined;
  #waiting: (() => void)[] = [];

  shut(where: "before" | "after"): void {
    this.#where = where;
  }

  open(): void {
    this.#where = undefined;
    for (const proceed of this.#waiting.splice(0)) proceed();
  }

  async pass(where: "before" | "after"): Promise<void> {
    if (this.#where === where) await new Promise<void>((proceed) => this.#waiting.push(proceed));
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function handle(
  options: EndpointOptions,
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  // A caller that hangs up in mid-body is no reason to end the process.
  request.on("error", () => gone.abort());
  try {
    const refusal = refuse(request, options.maxBodyBytes ?? 16 * 1024 * 1024);
    if (refusal) return answer(response, refusal.status, { message: refusal.message });
    const body = await readBody(request, options.maxBodyBytes ?? 16 * 1024 * 1024);
    if (body === undefined) return answer(response, 413, { message: "the body is too large" });
    const parsed = parseRequest(request.headers, body);
    await gate.pass("before");
    const result = await run(options, parsed, gone.signal);
    await gate.pass("after");
    answer(response, 200, result);
  } catch (error) {
    await gate.pass("after");
    answerError(response, error);
  }
}

/** A web page must reach this endpoint under no name, so the Host has to be a loopback one. */
function refuse(request: IncomingMessage, maxBytes: number): { status: number; message: string } | undefined {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? "")) {
    return { status: 403, message: "only loopback host names are served" };
  }
  if (pathname !== "/sql") return { status: 404, message: "POST /sql is all there is" };
  if (request.method !== "POST") return { status: 405, message: "POST /sql is all there is" };
  if (Number(request.headers["content-length"] ?? 0) > maxBytes)
    return { status: 413, message: "the body is too large" };
  return undefined;
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  let size = 0;
  let isTooLarge = false;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) return;
    isTooLarge = true;
    request.destroy();
  });
  try {
    return await text(request);
  } catch (error) {
    if (isTooLarge) return undefined;
    throw error;
  }
}

async function run(options: EndpointOptions, request: NeonRequest, signal: AbortSignal): Promise<object> {
  if (signal.aborted) throw new SqlError("the caller has gone");
  options.onStatement?.(request.statements.map(({ sql }) => sql));
  const results = await options.backend.run({ ...request, signal });
  const encoded = results.map((result) => encodeResult(result, request));
  return request.begin === undefined ? (encoded[0] ?? {}) : { results: encoded };
}

function answerError(response: ServerResponse, error: unknown): void {
  const failure = SqlError.from(error);
  // Neon answers 400 for what the database or the protocol refuses and 500 when it reaches no database.
  answer(response, failure.isOutage ? 500 : 400, { message: failure.message, ...failure.fields });
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}
