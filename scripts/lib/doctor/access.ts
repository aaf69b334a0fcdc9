import { z } from "zod";
import type { Reply } from "./ask.ts";
import { type Finding, judge, ok, suspect, wrong } from "./finding.ts";

const refusal = z.object({ success: z.literal(false), error: z.object({ code: z.string() }) });
const ASK = "This must not happen in production: is it deployed with `npm run deploy`, and is it this version?";

/** Whether it is the controller that refused for want of a credential, and not something in front of it. */
function isUnauthorized({ status, json }: Reply): boolean {
  return status === 401 && refusal.safeParse(json).data?.error.code === "unauthorized";
}

/** REST without a credential, and with the one of development that everyone knows. */
export function examineCredentials(anonymous: Reply, known: Reply): Finding[] {
  return [
    judge(
      isUnauthorized(anonymous),
      "refuses calls without a credential",
      `answers ${anonymous.status} without a credential`,
      ASK,
    ),
    known.status === 200
      ? wrong("accepts the development token", ASK)
      : judge(
          isUnauthorized(known),
          "refuses the development token",
          `answers ${known.status} to the development token`,
          ASK,
        ),
  ];
}

/** The upgrade of an orchestrator, or of a dashboard, without a credential: it has to get through, and be refused. */
export function examineUpgrade(path: string, { status, json }: Reply): Finding {
  if (status === 101) return wrong(`${path} lets in who has no credential`, ASK);
  if (status === 401 && isUnauthorized({ status, json } as Reply))
    return ok(`${path} can be reached by WebSockets, and refuses those without a credential`);
  if (status === 426) {
    return wrong(
      `the WebSocket upgrade does not reach ${path}`,
      "A proxy in front takes the Upgrade header away. On Cloudflare switch on Network → WebSockets.",
    );
  }
  return wrong(
    `a WebSocket at ${path} is answered with ${status}, and not with 401`,
    "Do the routes of the Worker cover the whole host, and does nothing else answer there?",
  );
}

/** The outcome of a login as a user who does not exist: it costs as much processor time as one that succeeds. */
export function examineLogin({ status, text, json }: Reply): Finding {
  if (status === 401) return ok("a login is computed, and a login as an unknown user is refused");
  if (status === 429)
    return suspect("logins from this address are slowed down at the moment", "Try again in a few minutes.");
  if (status === 403 && refusal.safeParse(json).success) return ok("logins with a password are switched off");
  // 1102: Cloudflare stopped the Worker over the processor time that its plan allows.
  if (status >= 500 && /\b1102\b/.test(text)) {
    return wrong(
      "a login takes more processor time than the plan allows (error 1102)",
      "Use the paid plan of Workers: the free one allows 10 ms, and checking a password takes hundreds.",
    );
  }
  return wrong(
    `a login as an unknown user is answered with ${status}, and not with 401`,
    "Look at the log: `node scripts/run.mjs wrangler tail`.",
  );
}
