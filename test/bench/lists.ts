import { startController } from "../support/controller.ts";
import { type DatabaseKind, startDatabase } from "../support/database.ts";
import { seed } from "../support/seed.ts";

const ORGANIZATIONS = 10_000;
const MESSAGES = 50_000;
const ROUNDS = 20;

const CONTROLLER = "/api/v1/controller";
const FILTERS = "status=active&health=unhealthy,degraded&location=*a*&version=2.*&config=applied";
const PATHS = [
  `${CONTROLLER}/organizations`,
  `${CONTROLLER}/organizations?page_size=100`,
  `${CONTROLLER}/organizations?page=490`,
  `${CONTROLLER}/organizations?page_size=100&sort=name`,
  `${CONTROLLER}/organizations?page_size=100&sort=-health`,
  `${CONTROLLER}/organizations?page_size=100&sort=-last_seen&${FILTERS}`,
  `${CONTROLLER}/organizations?q=north`,
  `${CONTROLLER}/organizations/facets`,
  `${CONTROLLER}/organizations/facets?${FILTERS}`,
  `${CONTROLLER}/organizations/ids?health=unhealthy`,
  `${CONTROLLER}/attention`,
  `${CONTROLLER}/overview`,
  `${CONTROLLER}/orchestrators?page_size=100`,
  "/api/v1/internal/messages?status=pending&limit=50",
  "/api/v1/internal/messages?q=caching&limit=50",
  `${CONTROLLER}/audit?q=config`,
  `${CONTROLLER}/audit/facets`,
  `${CONTROLLER}/costs?include_forecast=true`,
];

/** What lists and counts of a large fleet take, from the request to the whole answer, one at a time. */
for (const kind of ["pglite", "postgres"] as const) await measure(kind);

async function measure(kind: DatabaseKind): Promise<void> {
  const database = await startDatabase(kind);
  const controller = await startController({ database });
  try {
    await seed(database.query, { organizations: ORGANIZATIONS, messages: MESSAGES });
    console.log(`${ORGANIZATIONS} organizations, ${MESSAGES} messages, ${ROUNDS} rounds, ${kind} (ms)`);
    for (const path of PATHS) {
      const times: number[] = [];
      for (let round = -2; round < ROUNDS; round++) {
        const start = performance.now();
        const { status, text } = await controller.call("GET", path);
        if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
        // The first ones make up for what is made once.
        if (round >= 0) times.push(performance.now() - start);
      }
      console.log(`  ${summary(times)}  ${path}`);
    }
  } finally {
    await controller.stop();
    await database.stop();
  }
}

function summary(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `median ${String(at(0.5)).padStart(4)}, p95 ${String(at(0.95)).padStart(4)}`;
}
