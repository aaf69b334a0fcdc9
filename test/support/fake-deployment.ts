import { once } from "node:events";
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import { securityHeaders } from "../../worker/middleware/security-headers.ts";
import { VERSION } from "../../worker/routes/version.ts";

export interface FakeAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What is broken: changes the answer to a request, or, with null, leaves it unanswered. */
export type Fault = (request: IncomingMessage, answer: FakeAnswer) => FakeAnswer | null;

const REFUSED = JSON.stringify({ success: false, message: "Log in.", error: { code: "unauthorized" } });

/** What a production controller answers to somebody without a credential, but for what is broken. */
export async function startFakeDeployment(fault: Fault): Promise<{ url: string; stop: () => void }> {
  const reply = (request: IncomingMessage) => fault(request, goodAnswer(request));
  const server = createServer((request, response) => {
    const answer = reply(request);
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.on("upgrade", (request, socket) => {
    const answer = reply(request);
    if (!answer) return;
    const head = [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`, "Connection: close"];
    for (const [name, value] of Object.entries(answer.headers)) head.push(`${name}: ${value}`);
    socket.end(`${head.join("\r\n")}\r\n\r\n${answer.body}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

function goodAnswer({ url = "" }: IncomingMessage): FakeAnswer {
  const answer = (status: number, type: string, body: string): FakeAnswer => ({
    status,
    headers: { "Content-Type": type, ...securityHeaders(type) },
    body,
  });
  if (url === "/health") return answer(200, "application/json", JSON.stringify(goodHealth()));
  if (url === "/login")
    return answer(200, "text/html", '<!doctype html><script type="module" src="/assets/main-1.js"></script>');
  if (url === "/assets/main-1.js") return answer(200, "text/javascript", "");
  if (url === "/api/v1/internal/auth/methods") return answer(200, "application/json", '{"sso":null}');
  return answer(401, "application/json", REFUSED);
}

export function goodHealth() {
  return {
    status: "healthy",
    service: "controller",
    version: VERSION,
    build: "production",
    components: { database: "connected", configuration: "ok" },
    scheduled_at: new Date(Date.now() - 60_000).toISOString(),
    timestamp: new Date().toISOString(),
  };
}
