import { examineCredentials, examineLogin, examineUpgrade } from "./access.ts";
import { ask, UPGRADE } from "./ask.ts";
import { examineBuild } from "./build.ts";
import { check, type NamedFinding, reasonOf, unchecked, wrong } from "./finding.ts";
import {
  examineAnswer,
  examineClock,
  examineCron,
  examineDatabaseOf,
  examineSettingsOf,
  type Health,
  healthIn,
} from "./health.ts";
import { examineHttps } from "./https.ts";
import { examineHeaders, examinePage } from "./page.ts";
import { examineSso } from "./single-sign-on.ts";

/** The token of `.dev.vars.example`, which everyone knows. */
const KNOWN_TOKEN = "fake-dev-token";
const LIST = "/api/v1/controller/organizations";
const LOGIN = { username: "doctor-check", password: "the doctor asks whether a login works" };

/** A running controller, as somebody without any credential meets it. */
export async function examineDeployment(url: string): Promise<NamedFinding[]> {
  const at = (path: string) => new URL(path, url);
  const askedAt = Date.now();
  let health: Awaited<ReturnType<typeof ask>>;
  try {
    health = await ask(at("/health"));
  } catch (error) {
    const todo = "Check the address, its DNS record and its certificate, and that it is deployed.";
    return await check("reachable", () => wrong(`${at("/").origin} does not answer (${reasonOf(error)})`, todo));
  }
  const answeredAt = Date.now();
  const said = healthIn(health);
  const ofHealth = (examine: (said: Health) => ReturnType<typeof examineSettingsOf>) =>
    said === null ? unchecked("GET /health does not say", "See above.") : examine(said);

  const checks = [
    check("reachable", () => examineAnswer(health, said)),
    check("https", () => examineHttps(url)),
    check("build", () => examineBuild(health.json)),
    check("settings", () => ofHealth(examineSettingsOf)),
    check("database", () => ofHealth(examineDatabaseOf)),
    check("cron", () => ofHealth((of) => examineCron(of, Date.now()))),
    check("clock", () => examineClock(health, said, askedAt, answeredAt)),
    check("headers", async () => examineHeaders(await ask(at("/login")), await ask(at(LIST)))),
    check("login page", async () => examinePage(await ask(at("/login")), (path) => ask(at(path)))),
    check("credentials", async () =>
      examineCredentials(
        await ask(at(LIST)),
        await ask(at(LIST), { headers: { Authorization: `Bearer ${KNOWN_TOKEN}` } }),
      ),
    ),
    check("login", async () => {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify(LOGIN);
      return examineLogin(await ask(at("/api/v1/internal/auth/login"), { method: "POST", headers, body }));
    }),
    check("single sign-on", async () =>
      examineSso(await ask(at("/api/v1/internal/auth/methods")), (start) => ask(at(start))),
    ),
    ...["/ws", "/api/v1/stream"].map((path) =>
      check("sockets", async () => examineUpgrade(path, await ask(at(path), { headers: UPGRADE }))),
    ),
    check("quotas", () =>
      unchecked(
        "what is left of the plans of Cloudflare and Neon cannot be seen from outside",
        "Look at Workers & Pages → Usage in the Cloudflare dashboard, and at the usage of the project in the Neon console.",
      ),
    ),
  ];
  return (await Promise.all(checks)).flat();
}
