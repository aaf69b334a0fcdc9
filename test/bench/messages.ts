import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { type Controller, DEV_SETTINGS, startController } from "../support/controller.ts";
import { type DatabaseKind, startDatabase } from "../support/database.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";

const ORCHESTRATORS = 4;
const MESSAGES = 10_000;
/** HTTP connections at a time. */
const CALLERS = 64;
/** Who never says anything is taken for one that does not read either. */
const BEAT_MS = 100;
const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });

/**
 * Messages created over REST for connected orchestrators: how long all of them take, beside as many requests that do
 * nothing, and how many statements.
 */
for (const kind of ["pglite", "postgres"] as const) await measure(kind);

async function measure(kind: DatabaseKind): Promise<void> {
  const database = await startDatabase(kind);
  const controller = await startController({ database });
  const clients: RawClient[] = [];
  const beats = setInterval(() => {
    for (const client of clients) if (client.isOpen) client.send(beat());
  }, BEAT_MS);
  try {
    const ids = Array.from({ length: ORCHESTRATORS }, (_, index) => `bench-${index}`);
    for (const id of ids) clients.push(await openSession(`${controller.wsUrl}/ws`, id));
    const create = (number: number) => createMessage(controller, ids[number % ids.length] ?? "", number);
    const nothing = () => call(controller, "GET", "/api/v1/internal/auth/me");
    await Promise.all([repeat(CALLERS * 4, create), repeat(CALLERS * 4, nothing)]);
    const idle = await repeat(MESSAGES, nothing);
    database.clearStatements();
    const created = await repeat(MESSAGES, create);
    console.log(`${MESSAGES} messages to ${ORCHESTRATORS} orchestrators, ${CALLERS} connections, ${kind}`);
    console.log(`  all           ${created.tookMs} ms, ${Math.round((MESSAGES / created.tookMs) * 1000)} a second`);
    console.log(`  doing nothing ${idle.tookMs} ms, ratio ${(created.tookMs / idle.tookMs).toFixed(2)}`);
    console.log(`  different ids ${new Set(created.answers).size}`);
    console.log(`  statements    ${database.statements().length}`);
  } finally {
    clearInterval(beats);
    for (const client of clients) client.kill();
    await controller.stop();
    await database.stop();
  }
}

async function repeat<T>(
  count: number,
  work: (number: number) => Promise<T>,
): Promise<{ tookMs: number; answers: T[] }> {
  const answers: T[] = [];
  let next = 0;
  const caller = async () => {
    for (let number = next++; number < count; number = next++) answers.push(await work(number));
  };
  const start = Date.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return { tookMs: Date.now() - start, answers };
}

async function createMessage(controller: Controller, id: string, number: number): Promise<string> {
  const body = JSON.stringify({ message_type: "recommendation", content: `message ${number}` });
  const answer = await call(controller, "POST", `/api/v1/internal/orchestrators/${id}/messages`, body);
  return (JSON.parse(answer) as { message_id: string }).message_id;
}

/** The plain client of Node: what `fetch` and the check of each answer cost would be measured along. */
async function call(controller: Controller, method: string, path: string, body?: string): Promise<string> {
  const headers = {
    Authorization: `Bearer ${DEV_SETTINGS.DEV_BEARER_TOKEN}`,
    ...(body !== undefined && { "Content-Type": "application/json" }),
  };
  const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
    const sent = request(`${controller.url}${path}`, { method, agent, headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
  if (status !== 200) throw new Error(`${status} ${answer}`);
  return answer;
}
