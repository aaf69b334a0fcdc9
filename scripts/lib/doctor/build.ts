import { z } from "zod";
import { type Finding, judge, unchecked, wrong } from "./finding.ts";

const answer = z.object({
  build: z.string().optional(),
  error: z.object({ code: z.string() }).optional(),
});

/** Which build answers `GET /health`, and whether it fits its settings. `body`: what was answered, parsed. */
export function examineBuild(body: unknown): Finding {
  const { build, error } = answer.safeParse(body).data ?? {};
  if (error?.code === "build_mismatch") {
    return wrong(
      "it refuses everything, because its build and its settings do not fit each other",
      "The log names the settings: `node scripts/run.mjs wrangler tail` and any call. Delete its DEV_ settings, and deploy it with `npm run deploy`.",
    );
  }
  if (build === undefined) {
    return unchecked(
      "it does not say which build it is",
      "Is it older than this checkout? Deploy it with `npm run deploy`.",
    );
  }
  return judge(
    build === "production",
    "it is the production build",
    "it is the development build, with passwords and tokens that everyone knows",
    "Deploy it with `npm run deploy`.",
  );
}
