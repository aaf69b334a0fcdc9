import { startController } from "../support/controller.ts";
import { startDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { connectFleet, putFeatures, toldRevisions } from "../support/fan-out.ts";
import type { RawClient } from "../support/raw-client.ts";

const ORGANIZATION = "wide";
const COUNT = 200;
const ROUNDS = 10;

/** From the request that changes features to the frame at each of the connected orchestrators, in milliseconds. */
const database = await startDatabase("pglite");
const controller = await startController({ database });
let clients: RawClient[] = [];
try {
  clients = await connectFleet(controller, ORGANIZATION, COUNT);
  const delays: number[] = [];
  const answers: number[] = [];
  const lasts: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const start = Date.now();
    const revision = await putFeatures(controller, ORGANIZATION, { round });
    answers.push(Date.now() - start);
    const arrivals = await eventually(() => clients.map((client) => arrivalOf(client, revision) - start), {
      timeoutMs: 60_000,
      everyMs: 20,
    });
    delays.push(...arrivals);
    lasts.push(Math.max(...arrivals));
  }
  console.log(`features to ${COUNT} connected orchestrators, ${ROUNDS} rounds (ms)`);
  console.log(`  answer of PUT   ${summary(answers)}`);
  console.log(`  to each         ${summary(delays)}`);
  console.log(`  to the last one ${summary(lasts)}`);
} finally {
  for (const client of clients) client.kill();
  await controller.stop();
  await database.stop();
}

function arrivalOf(client: RawClient, revision: number): number {
  const found = toldRevisions(client).find((told) => told.revision === revision);
  if (!found) throw new Error(`revision ${revision} is missing`);
  return found.at;
}

function summary(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return `min ${sorted[0]}, median ${at(0.5)}, p95 ${at(0.95)}, max ${sorted.at(-1)}`;
}
