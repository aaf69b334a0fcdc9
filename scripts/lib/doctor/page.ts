import type { Reply } from "./ask.ts";
import { type Finding, judge, ok, wrong } from "./finding.ts";

const BUILD = "Deploy it with `npm run deploy`, which builds the dashboard anew.";
const PROXY = "Does a proxy in front change its answers?";

/** The page that people log in at, and the script that makes it one. `load`: fetches a path of the same deployment. */
export async function examinePage(page: Reply, load: (path: string) => Promise<Reply>): Promise<Finding[]> {
  const isPage = page.status === 200 && page.header("Content-Type")?.startsWith("text/html") === true;
  const script = /<script[^>]*\ssrc="(\/assets\/[^"]+)"/.exec(page.text)?.[1];
  if (!isPage || script === undefined) return [wrong(`there is no dashboard at /login (${page.status})`, BUILD)];
  const { status, header } = await load(script);
  const isScript = status === 200 && /javascript/.test(header("Content-Type") ?? "");
  return [
    judge(
      isScript,
      "the login page and its script are served",
      `the script of the login page is not served (${status})`,
      BUILD,
    ),
  ];
}

/** Headers without which browsers protect people less. `answer`: one of the API. */
export function examineHeaders(page: Reply, answer: Reply): Finding[] {
  const problems = [
    ...[page, answer].flatMap((reply, index) => {
      const where = index === 0 ? "pages" : "API answers";
      const policy = reply.header("Content-Security-Policy") ?? "";
      return [
        hstsSeconds(reply) < MIN_HSTS_SEC && `Strict-Transport-Security of ${where}`,
        reply.header("X-Content-Type-Options") !== "nosniff" && `X-Content-Type-Options of ${where}`,
        (!policy.includes("frame-ancestors 'none'") || policy.includes("unsafe-")) &&
          `Content-Security-Policy of ${where}`,
        reply.header("Referrer-Policy") === null && `Referrer-Policy of ${where}`,
      ];
    }),
    answer.header("Access-Control-Allow-Origin") === "*" && "Access-Control-Allow-Origin, which must not be *,",
  ].filter((problem) => problem !== false);
  if (problems.length === 0) return [ok("pages and API answers carry their security headers")];
  return problems.map((problem) => wrong(`${problem} is missing or weak`, PROXY));
}

/** Half a year: shorter, and a visitor who comes seldom is unprotected again. */
const MIN_HSTS_SEC = 15_768_000;

function hstsSeconds(reply: Reply): number {
  return Number(/max-age=(\d+)/.exec(reply.header("Strict-Transport-Security") ?? "")?.[1] ?? 0);
}
