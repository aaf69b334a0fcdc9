import { ask, type Reply, UPGRADE } from "./ask.ts";
import { type Finding, judge, ok, unchecked, wrong } from "./finding.ts";

const CLOUDFLARE = "In the Cloudflare dashboard switch on SSL/TLS → Edge Certificates → Always Use HTTPS.";
const DEPLOY = "Is it this version, deployed with `npm run deploy`?";

/** The same deployment over plain HTTP, which must never get as far as a credential. */
export async function examineHttps(url: string, plainUrl = `http://${new URL(url).hostname}`): Promise<Finding[]> {
  if (new URL(url).protocol !== "https:") return [wrong("reached over http", "Use the https address.")];
  const plain = (path: string, headers: Record<string, string> = {}) => ask(new URL(path, plainUrl), { headers });
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

function isRedirectToHttps({ status, header }: Reply): boolean {
  return status >= 300 && status < 400 && header("Location")?.startsWith("https://") === true;
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}
