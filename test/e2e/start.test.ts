import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Controller, keepRunning, objectsProblem, startController } from "../../scripts/lib/dev-server.ts";
import { type Front, startFront } from "../../scripts/lib/front.ts";
import { freePort } from "../../scripts/lib/ports.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";

/** The process that listens there: it passes requests on, and the runtime of the Worker is another one. */
function frontOf(port: number): number {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  const line = lines.find((text) => text.includes("workerd") && text.includes(`entry=127.0.0.1:${port} `));
  if (line === undefined) throw new Error(`no runtime listens on ${port}`);
  return Number.parseInt(line, 10);
}

describe("npm start", () => {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  let folder: string;
  let database: TestDatabase;
  let front: Front;
  let port: number;
  let over: Promise<void>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "moolai-start-"));
    database = await startTestDatabase();
    port = await freePort();
    front = await startFront(port);
    const onReady = vi.fn();
    over = keepRunning(() => startController({ front, endpoint: database.endpoint, folder }), stopped, onReady);
    await eventually(() => expect(onReady).toHaveBeenCalledOnce(), { timeoutMs: 90_000 });
  });
  afterAll(async () => {
    stop();
    await over;
    await front?.close();
    expect(() => frontOf(front.runtimePort)).toThrow("no runtime listens");
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
    said.mockRestore();
  });

  it("answers no web page whose name leads to this machine, whatever headers it sends", async () => {
    const upgrade =
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const ask = async (to: number, host: string, path: string, more: string) => {
      const socket = connect(to, "127.0.0.1");
      const connection = `Connection: ${more.includes("Upgrade") ? "Upgrade" : "close"}`;
      const headers = `Host: ${host}\r\nAuthorization: Bearer fake-dev-token\r\n${connection}\r\n${more}`;
      socket.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n`);
      const [answer] = await once(socket, "data");
      socket.destroy();
      return String(answer);
    };
    const calls = ["/health", "/api/v1/controller/orchestrators/live", "/"].map((path) => [path, ""]);
    const sockets = ["/ws?orchestrator_id=org-002", "/api/v1/stream", "/"].map((path) => [path, upgrade]);
    for (const [path = "", kind = ""] of [...calls, ...sockets]) {
      const forged = `MF-Original-URL: http://localhost:${port}${path}\r\nX-Forwarded-Proto: http\r\n${kind}`;
      for (const [to, host] of [
        [port, "evil.example"],
        [port, `evil.example:${port}`],
        [front.runtimePort, "evil.example"],
        // A page that finds the port of the runtime has no key, not even under a good name.
        [front.runtimePort, `localhost:${front.runtimePort}`],
      ] as const) {
        const answer = await ask(to, host, path, forged);
        expect(answer, `${path} ${host} ${to}`).toMatch(/^HTTP\/1\.1 403 /);
      }
    }
    const good = await ask(port, `localhost:${port}`, "/api/v1/controller/orchestrators/live", "");
    expect(good).toMatch(/^HTTP\/1\.1 200 /);
  });

  it("answers again after its front process was killed, with what it knew", async () => {
    const health = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(5_000) });
      expect(await response.json()).toMatchObject({ status: "healthy" });
    };
    await health();
    const killed = frontOf(front.runtimePort);
    process.kill(killed, "SIGKILL");
    await eventually(() => expect(said).toHaveBeenCalledWith("The local runtime has died. Restarting it…"), {
      timeoutMs: 60_000,
    });
    await eventually(health, { timeoutMs: 90_000 });
    expect(frontOf(front.runtimePort)).not.toBe(killed);
  });

  it.each([
    [200, null],
    [401, null],
    [500, expect.stringContaining("delete that folder, and start it again")],
  ])("says of objects that answer %s whether their files are damaged", async (status, problem) => {
    const server = createHttpServer((_request, response) => response.writeHead(status).end("{}")).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await objectsProblem(`http://127.0.0.1:${port}`, "token")).toEqual(problem);
    server.close();
  });

  it("ends with a sentence when that happens again and again", async () => {
    const close = vi.fn(async () => {});
    const dying = (): Controller => ({
      ready: Promise.resolve(),
      mute: Promise.resolve(),
      ended: new Promise(() => {}),
      close,
    });
    await expect(
      keepRunning(
        dying,
        new Promise(() => {}),
        () => {},
        () => 0,
      ),
    ).rejects.toThrow("The local runtime died 4 times in 5 minutes");
    expect(close).toHaveBeenCalledTimes(4);
  });
});
