import { z } from "zod";
import { type Finding, judge, unchecked, wrong } from "./finding.ts";

const answer = z.object({
  build: z.string().optional(),
  error: z.object({ code: z.string() }).optional(),
});

/** Which build answers `GET /health`, and whether it matches its settings. `body`: the parsed answer. */
export function examineBuild(body: unknown): Finding {
  const { build, error } = answer.safeParse(body).data ?? {};
  if (error?.code === "build_mismatch") {
    return wrong(
      "it refuses every request, because its build and its settings do not match",
      "The log names the settings: `node scripts/run.mjs wrangler tail` and any call. Delete its DEV_ settings, and deploy it with `npm run deploy`.",
    );
  }
  if (build === undefined) {
    return unchecked(
      "GET /health does not show which build it is",
      "Is it older than this checkout? Deploy it with `npm run deploy`.",
    );
  }
  return judge(
    build === "production",
    "it is the production build",
    "it is the development build, with well-known passwords and tokens",
    "Deploy it with `npm run deploy`.",
  );
}
