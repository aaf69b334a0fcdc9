import { request } from "node:http";
import { type Finding, judge, ok, unchecked, wrong } from "./finding.ts";

const TIMEOUT_MS = 10_000;
const CLOUDFLARE = "In the Cloudflare dashboard switch on SSL/TLS → Edge Certificates → Always Use HTTPS.";
const DEPLOY = "Is it this version, deployed with `npm run deploy`?";

/** The same deployment over plain HTTP, which must never get as far as a credential. */
export async function examineHttps(url: string, plainUrl = `http://${new URL(url).hostname}`): Promise<Finding[]> {
  if (new URL(url).protocol !== "https:") return [wrong("reached over http", "Use the https address.")];
  const plain = (path: string, headers: Record<string, string> = {}) => ask(new URL(path, plainUrl), headers);
  try {
    const page = await plain("/login");
    const call = await plain("/api/v1/internal/auth/me");
    const socket = await plain("/ws", UPGRADE);
    return [
      judge(
        isRedirectToHttps(page),
        "plain HTTP is redirected to https for pages",
        `plain HTTP is answered with ${page.status} for a page`,
        CLOUDFLARE,
      ),
      judge(
        call.status === 403 || isRedirectToHttps(call),
        "plain HTTP is refused for API calls",
        `plain HTTP is answered with ${call.status} for an API call`,
        DEPLOY,
      ),
      judge(
        socket.status >= 400 || isRedirectToHttps(socket),
        "ws:// is refused",
        `ws:// is answered with ${socket.status}`,
        DEPLOY,
      ),
    ];
  } catch (error) {
    if (isRefused(error)) return [ok("nothing answers over plain HTTP")];
    return [unchecked("plain HTTP could not be tried", "Is port 80 closed on the way? Then all is well.")];
  }
}

const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

interface Reply {
  status: number;
  location: string;
}

/** `fetch` can send no upgrade. */
function ask(url: URL, headers: Record<string, string>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url.href, { headers, agent: false, timeout: TIMEOUT_MS });
    sent.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? "" });
    });
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, location: "" });
    });
    sent.on("timeout", () => sent.destroy(new Error("timeout")));
    sent.on("error", reject);
    sent.end();
  });
}

function isRedirectToHttps({ status, location }: Reply): boolean {
  return status >= 300 && status < 400 && location.startsWith("https://");
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}
