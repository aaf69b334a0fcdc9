import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";
import { eventually } from "../support/eventually.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer({ keepAliveTimeout: 0 }, listener).listen(port, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

function logs(port: number, ...args: string[]): { child: ChildProcess; text: () => string } {
  const child = spawn(process.execPath, [projectPath("scripts/logs.ts"), ...args], {
    env: { ...process.env, PORT: String(port) },
  });
  stops.push(() => child.kill("SIGKILL"));
  let text = "";
  const keep = (chunk: Buffer) => {
    text += String(chunk);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", keep);
  return { child, text: () => text };
}

const answerWith =
  (...messages: string[]): RequestListener =>
  (_request, response) => {
    const lines = messages.map((message) => ({ timestamp: "2026-01-01T00:00:00.000Z", level: "INFO", message }));
    response.setHeader("Content-Type", "application/json").end(JSON.stringify({ logs: lines.toReversed() }));
  };

describe("npm run logs", () => {
  it("follows across a restart of the controller, says so, and shows no line twice", async () => {
    const first = await serve(answerWith("before"));
    const { text } = logs(first.port, "--follow");
    const says = (line: string) => eventually(() => expect(text()).toContain(line));
    await says("INFO    before");
    first.server.closeAllConnections();
    first.server.close();
    await says("The controller does not answer. Waiting until it is back");
    const busy = await serve((_request, response) => response.writeHead(503).end("{}"), first.port);
    busy.server.close();
    await serve(answerWith("before", "after \u001b[2J"), first.port);
    await says("The controller is back.");
    await says("INFO    after \\x1b[2J");
    expect(text().match(/before/g)).toHaveLength(1);
  });

  it("ends with a sentence when what listens there never answers", async () => {
    const { port } = await serve(() => {});
    const { child, text } = logs(port);
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(text()).toBe(`What listens on http://127.0.0.1:${port} does not answer. Start it with npm start.\n`);
  });

  it("says which PORT is none", async () => {
    const { child, text } = logs(0);
    await once(child, "close");
    expect(text()).toBe('"0" is not a port number: they go from 1 to 65535.\n');
  });
});
