import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { connectFleet, putFeatures, toldRevisions } from "../support/fan-out.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ORGANIZATION = "wide";
const COUNT = 200;

// How long it takes is for `npm run bench`; here only what arrives counts.
describe(`features of an organization with ${COUNT} connected orchestrators`, { timeout: 240_000 }, () => {
  let stack: Stack;
  let clients: RawClient[] = [];
  let bystander: RawClient;

  beforeAll(async () => {
    stack = await startStack();
    bystander = await openSession(`${stack.controller.wsUrl}/ws`, "narrow");
    clients = await connectFleet(stack.controller, ORGANIZATION, COUNT);
  });

  afterAll(async () => {
    for (const client of [...clients, bystander]) client?.kill();
    await stack?.stop();
  });

  const told = () => clients.map((client) => toldRevisions(client).map(({ revision }) => revision));

  async function everyoneHas(revision: number): Promise<void> {
    await eventually(
      () => {
        const missing = told().filter((revisions) => !revisions.includes(revision)).length;
        expect(missing).toBe(0);
      },
      { timeoutMs: 180_000 },
    );
  }

  it("each gets the new revision exactly once", async () => {
    const revision = await putFeatures(stack.controller, ORGANIZATION, { cache: { enabled: false } });
    expect(revision).toBe(1);
    await everyoneHas(1);
    // A second delivery would come with the next batch, or with the retry a second later.
    await sleep(2_000);
    expect(told()).toEqual(clients.map(() => [1]));
    expect(clients[COUNT - 1]?.received("provision_config").at(-1)).toMatchObject({
      data: { features: { cache: { enabled: false } } },
    });
    await eventually(() =>
      expect(clients.filter((client) => client.received("provisioning").length !== 2)).toEqual([]),
    );
  });

  it("none gets an older revision after a newer one, nor one twice, when ten are published at once", async () => {
    const revisions = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        putFeatures(stack.controller, ORGANIZATION, { [`flag-${index}`]: true }),
      ),
    );
    const newest = Math.max(...revisions);
    expect(new Set(revisions).size).toBe(10);
    expect(newest).toBe(11);
    await everyoneHas(newest);
    await sleep(2_000);
    const disordered = told().filter((list) => list.some((revision, index) => revision <= (list[index - 1] ?? 0)));
    expect(disordered).toEqual([]);
    expect(told().filter((list) => list.at(-1) !== newest)).toEqual([]);
    const last = clients[0]?.received("provision_config").at(-1)?.data as { features: object };
    expect(Object.keys(last.features).filter((name) => name.startsWith("flag-"))).toHaveLength(10);
  });

  it("each gets it exactly once although the shard loses its memory on the way", async () => {
    const put = putFeatures(stack.controller, ORGANIZATION, { evicted: true });
    const revision = await put;
    await stack.controller.evict("Fleet", "0/1");
    await everyoneHas(revision);
    await sleep(2_000);
    expect(told().filter((list) => list.filter((one) => one === revision).length !== 1)).toEqual([]);
  });

  it("an orchestrator of another organization is told nothing", () => {
    expect(toldRevisions(bystander)).toEqual([]);
    expect(bystander.isOpen).toBe(true);
  });
});
