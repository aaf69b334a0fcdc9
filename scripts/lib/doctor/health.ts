import { z } from "zod";
import { VERSION } from "../../../worker/routes/version.ts";
import type { Reply } from "./ask.ts";
import { type Finding, judge, ok, suspect, unchecked, wrong } from "./finding.ts";

const health = z.object({
  service: z.literal("controller"),
  version: z.string(),
  components: z.object({ database: z.string(), configuration: z.string() }),
  timestamp: z.iso.datetime().optional(),
  scheduled_at: z.iso.datetime().nullable().optional(),
});

export type Health = z.output<typeof health>;

/** Twice the interval of the cron trigger may pass, and some time for the work itself. */
const LATE_MS = 15 * 60_000;
const CLOCK_MS = 5_000;

/** What `GET /health` says of itself; null when what answers is no controller that works. */
export function healthIn(reply: Reply): Health | null {
  return reply.status === 200 ? (health.safeParse(reply.json).data ?? null) : null;
}

/** `GET /health` is answered, by a controller, of the version of this checkout. */
export function examineAnswer(reply: Reply, said: Health | null): Finding {
  if (reply.status >= 300 && reply.status < 400)
    return wrong(`it sends callers to ${reply.header("Location")}`, "Name that address.");
  if (said === null) {
    return wrong(
      `GET /health is answered with ${reply.status}, and not as a controller answers it`,
      "Is it the right address, and is the Worker deployed there? Cloudflare's dashboard shows its routes and its errors.",
    );
  }
  if (said.version === VERSION) return ok(`it answers, with version ${said.version}`);
  return suspect(
    `it answers with version ${said.version}; this checkout is ${VERSION}`,
    "Is that what you mean to run?",
  );
}

export function examineSettingsOf(said: Health): Finding {
  const tail = "See which with `node scripts/run.mjs wrangler tail` and any API call.";
  return judge(said.components.configuration === "ok", "its settings are right", "a setting is missing or wrong", tail);
}

export function examineDatabaseOf(said: Health): Finding {
  return judge(
    said.components.database === "connected",
    "its database answers",
    "its database does not answer",
    "Check DATABASE_URL, and in the Neon console whether the project is suspended or over its quota.",
  );
}

/** The scheduled work, which repairs rows and deletes what is old. */
export function examineCron({ scheduled_at: at }: Health, now: number): Finding {
  if (at === undefined)
    return unchecked("it does not say when its scheduled work last succeeded", "Is it older than this checkout?");
  if (at === null) {
    return suspect(
      "its scheduled work has not succeeded yet, as far as it knows",
      "After a first deployment wait for 5 minutes. Otherwise look at the cron events of the Worker in the Cloudflare dashboard.",
    );
  }
  const ageMin = Math.round((now - Date.parse(at)) / 60_000);
  return judge(
    now - Date.parse(at) <= LATE_MS,
    `its scheduled work last succeeded at ${at}`,
    `its scheduled work last succeeded ${ageMin} minutes ago, at ${at}`,
    "Look at the cron events of the Worker in the Cloudflare dashboard, and for `Scheduled … failed` in its log.",
  );
}

/** Its clock against the one of this machine. The answer was written at some moment between `askedAt` and `answeredAt`. */
export function examineClock(reply: Reply, said: Health | null, askedAt: number, answeredAt: number): Finding {
  const date = Date.parse(reply.header("Date") || (said?.timestamp ?? ""));
  if (Number.isNaN(date))
    return unchecked("its answer has no time", "Does a proxy in front take the Date header away?");
  // The header has whole seconds, so that a moment may be up to a second later.
  const aheadMs = date > answeredAt ? date - answeredAt : Math.min(0, date + 1_000 - askedAt);
  if (Math.abs(aheadMs) <= CLOCK_MS) return ok("its clock and the one of this machine agree");
  const side = aheadMs > 0 ? "behind" : "ahead of";
  return suspect(
    `the clock of this machine is ${Math.round(Math.abs(aheadMs) / 1_000)} s ${side} that of the deployment`,
    "Cloudflare's clocks are right as a rule: set the one of this machine by the network, and look at it where orchestrators run.",
  );
}
