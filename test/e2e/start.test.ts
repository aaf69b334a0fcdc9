import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Controller, keepRunning, objectsProblem, startController } from "../../scripts/lib/dev-server.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The process that listens there: it passes requests on, and the runtime of the Worker is another one. */
function frontOf(port: number): number {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  const line = lines.find((text) => text.includes("workerd") && text.includes(`entry=127.0.0.1:${port} `));
  if (line === undefined) throw new Error(`no runtime listens on ${port}`);
  return Number.parseInt(line, 10);
}

describe("npm start", () => {
  let folder: string;
  let database: TestDatabase;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "moolai-start-"));
    database = await startTestDatabase();
  });
  afterAll(async () => {
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("answers again after its front process was killed, with what it knew", async () => {
    const port = await freePort();
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const onReady = vi.fn();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const over = keepRunning(() => startController(port, database.endpoint, folder), stopped, onReady);
    const health = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(5_000) });
      expect(await response.json()).toMatchObject({ status: "healthy" });
    };
    try {
      await eventually(() => expect(onReady).toHaveBeenCalledOnce(), { timeoutMs: 90_000 });
      await health();
      const front = frontOf(port);
      process.kill(front, "SIGKILL");
      await eventually(
        () => expect(said).toHaveBeenCalledWith("The local runtime has died and answers no more. Starting it anew…"),
        { timeoutMs: 60_000 },
      );
      await eventually(health, { timeoutMs: 90_000 });
      expect(frontOf(port)).not.toBe(front);
    } finally {
      stop();
      await over;
      said.mockRestore();
    }
    expect(() => frontOf(port)).toThrow("no runtime listens");
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
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
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
    said.mockRestore();
  });
});
