import { WebSocket } from "ws";
import { z } from "zod";
import { examineBuild } from "./build.ts";
import { type Finding, judge, ok, wrong } from "./finding.ts";
import { examineHttps } from "./https.ts";

const TIMEOUT_MS = 10_000;
/** The token of `.dev.vars.example`, which everyone knows. */
const KNOWN_TOKEN = "fake-dev-token";

/** A running controller, as somebody without any credential meets it. */
export async function examineDeployment(url: string): Promise<Finding[]> {
  const at = (path: string) => new URL(path, url);
  const ask = async (path: string, headers: Record<string, string> = {}) =>
    await fetch(at(path), { headers, redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
  try {
    const health = await ask("/health");
    const page = await ask("/login");
    const anonymous = await ask("/api/v1/controller/organizations");
    const known = await ask("/api/v1/controller/organizations", { Authorization: `Bearer ${KNOWN_TOKEN}` });
    const socket = await connects(at("/ws?orchestrator_id=doctor"));
    return [
      ...(await examineHttps(url)),
      ...(await examineHealth(health)),
      judge(
        anonymous.status === 401,
        "refuses calls without a credential",
        `answers ${anonymous.status} without a credential`,
        ASK,
      ),
      judge(known.status === 401, "refuses the development token", "accepts the development token", ASK),
      judge(!socket, "refuses orchestrators without a credential", "lets orchestrators in without a credential", ASK),
      ...examineHeaders(page),
    ];
  } catch {
    return [wrong(`${at("/").origin} does not answer`, "Check the address, and that it is deployed.")];
  }
}

const ASK = "This must not happen in production: is it deployed with `npm run deploy`, and is it this version?";

const healthAnswer = z.object({ components: z.record(z.string(), z.string()) });

async function examineHealth(response: Response): Promise<Finding[]> {
  const body: unknown = await response.json().catch(() => ({}));
  const { database, configuration } = healthAnswer.safeParse(body).data?.components ?? {};
  const tail = "See which with `node scripts/run.mjs wrangler tail` and any API call.";
  return [
    examineBuild(body),
    judge(configuration === "ok", "its settings are right", "a setting is missing or wrong", tail),
    judge(database === "connected", "its database answers", "its database does not answer", "Check DATABASE_URL."),
  ];
}

function examineHeaders({ headers }: Response): Finding[] {
  const policy = headers.get("Content-Security-Policy") ?? "";
  const missing = [
    headers.get("Strict-Transport-Security") === null && "Strict-Transport-Security",
    headers.get("X-Content-Type-Options") !== "nosniff" && "X-Content-Type-Options",
    (!policy.includes("frame-ancestors 'none'") || policy.includes("unsafe-inline")) && "Content-Security-Policy",
  ].filter((name) => name !== false);
  if (missing.length === 0) return [ok("the dashboard carries its security headers")];
  return [wrong(`the dashboard lacks ${missing.join(", ")}`, "Does a proxy in front take them away?")];
}

async function connects(url: URL): Promise<boolean> {
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url.href, { handshakeTimeout: TIMEOUT_MS });
  const opened = await new Promise<boolean>((resolve) => {
    socket.once("open", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.terminate();
  return opened;
}
