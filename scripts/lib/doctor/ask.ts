import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";

const TIMEOUT_MS = 10_000;
const MAX_BODY_CHARS = 1_000_000;

/** What asks for a WebSocket. */
export const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

export interface Reply {
  status: number;
  header(name: string): string | null;
  text: string;
  /** The body as JSON; null when it is none. */
  json: unknown;
}

export interface Question {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
}

/** One request over a connection of its own. Follows no redirect, and can ask for an upgrade, which `fetch` cannot. */
export function ask(url: URL, { method = "GET", headers = {}, body }: Question = {}): Promise<Reply> {
  const request = url.protocol === "https:" ? requestTls : requestPlain;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = request(url.href, { method, headers, agent: false, signal });
    const answer = (status: number | undefined, names: NodeJS.Dict<string | string[]>, text: string) =>
      resolve({
        status: status ?? 0,
        header: (name) => names[name.toLowerCase()]?.toString() ?? null,
        text,
        json: jsonOf(text),
      });
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        if (text.length < MAX_BODY_CHARS) text += chunk;
      });
      response.on("end", () => answer(response.statusCode, response.headers, text));
      response.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    });
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      answer(response.statusCode, response.headers, "");
    });
    sent.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    sent.end(body);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
