import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { type Controller, DEV_SETTINGS, startController } from "../support/controller.ts";
import { type DatabaseKind, startDatabase } from "../support/database.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";

const ORCHESTRATORS = 4;
const MESSAGES = 10_000;
/** HTTP connections at a time. */
const CALLERS = 64;

/** Messages created over REST for connected orchestrators: how long all of them take, and how many statements. */
for (const kind of ["pglite", "postgres"] as const) await measure(kind);

async function measure(kind: DatabaseKind): Promise<void> {
  const database = await startDatabase(kind);
  const controller = await startController({ database });
  const clients: RawClient[] = [];
  try {
    const ids = Array.from({ length: ORCHESTRATORS }, (_, index) => `bench-${index}`);
    for (const id of ids) clients.push(await openSession(`${controller.wsUrl}/ws`, id));
    await create(controller, ids, CALLERS * 4);
    database.clearStatements();
    const start = Date.now();
    const created = await create(controller, ids, MESSAGES);
    const tookMs = Date.now() - start;
    console.log(`${MESSAGES} messages to ${ORCHESTRATORS} orchestrators, ${CALLERS} connections, ${kind}`);
    console.log(`  all           ${tookMs} ms, ${Math.round((MESSAGES / tookMs) * 1000)} a second`);
    console.log(`  different ids ${new Set(created).size}`);
    console.log(`  statements    ${database.statements().length}`);
  } finally {
    for (const client of clients) client.kill();
    await controller.stop();
    await database.stop();
  }
}

async function create(controller: Controller, ids: string[], count: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const created: string[] = [];
  let next = 0;
  const caller = async () => {
    for (let number = next++; number < count; number = next++) {
      created.push(await post(agent, controller.url, ids[number % ids.length] ?? "", `message ${number}`));
    }
  };
  try {
    await Promise.all(Array.from({ length: CALLERS }, caller));
  } finally {
    agent.destroy();
  }
  return created;
}

/** The plain client of Node: what `fetch` and the check of each answer cost would be measured along. */
async function post(agent: Agent, url: string, id: string, content: string): Promise<string> {
  const headers = {
    Authorization: `Bearer ${DEV_SETTINGS.DEV_BEARER_TOKEN}`,
    "Content-Type": "application/json",
  };
  const path = `/api/v1/internal/orchestrators/${id}/messages`;
  const body = JSON.stringify({ message_type: "recommendation", content });
  const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
    const sent = request(`${url}${path}`, { method: "POST", agent, headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
  if (status !== 200) throw new Error(`${status} ${answer}`);
  return (JSON.parse(answer) as { message_id: string }).message_id;
}
