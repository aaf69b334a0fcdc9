import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutRepeated } from "../../dashboard/src/live/repeats.ts";
import type { StreamRow } from "../../worker/contract/stream.ts";
import { eventually, sleep } from "../support/eventually.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";
import { asList, type Stack, startStack } from "../support/stack.ts";
import { StreamClient } from "../support/stream-client.ts";
import { StreamState } from "../support/stream-state.ts";

const ORCHESTRATORS = 12;
const DISCONNECTS = 100;

describe.each([1, 3])("a dashboard with %i shards", (shards) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ vars: { FLEET_SHARDS: String(shards) } });
  });

  afterAll(() => stack?.stop());

  it(`loses and doubles no event over ${DISCONNECTS} forced disconnects while the fleet changes`, async () => {
    const { wsUrl } = stack.controller;
    const watchers = await Promise.all(
      Array.from({ length: shards }, (_, shard) => StreamClient.open(wsUrl, { shard }).then((each) => each.ready())),
    );
    expect(watchers.map(({ state }) => state.shards)).toEqual(watchers.map(() => shards));
    const flaky = Array.from({ length: shards }, () => new StreamState());

    let changing = true;
    const changes = Promise.all(
      Array.from({ length: ORCHESTRATORS }, async (_, index) => {
        let round = 0;
        while (changing) await change(stack, `res-${index}`, round++);
      }),
    );
    const cuts = Math.ceil(DISCONNECTS / shards);
    await Promise.all(
      flaky.map(async (state, shard) => {
        for (let cut = 0; cut < cuts; cut++) {
          const client = await StreamClient.open(wsUrl, { shard, state });
          // At any moment: before the hello, in the snapshot, between frames, in the middle of a burst. Every second time
          // not before the hello, however busy the machine is.
          if (cut % 2 === 0) await client.ready();
          await sleep(Math.random() * 150);
          await client.kill();
        }
      }),
    );
    changing = false;
    await changes;

    const last = await Promise.all(flaky.map((state, shard) => StreamClient.open(wsUrl, { shard, state })));
    await Promise.all(last.map((client) => client.ready()));
    await eventually(() => {
      const indexes = (states: StreamState[]) => states.map(({ index }) => index);
      expect(indexes(flaky)).toEqual(indexes(watchers.map(({ state }) => state)));
    });

    for (const [shard, state] of flaky.entries()) {
      const steady = watchers[shard]?.state;
      expect(state.problems).toEqual([]);
      expect(steady?.problems).toEqual([]);
      // The first snapshot was complete; from then on, it always resumed.
      expect(state.snapshots).toBe(1);
      expect(state.resumes).toBeGreaterThanOrEqual(Math.ceil(cuts / 2));
      const from = state.events[0]?.index ?? Number.POSITIVE_INFINITY;
      // Who was away hears of what repeated meanwhile as one event with a count, which a page shows in place of the others.
      const told = steady?.events.filter(({ index }) => index >= from) ?? [];
      expect(withoutRepeated(state.events)).toEqual(withoutRepeated(told));
      expect(state.events.length).toBeGreaterThan(20);
      expect([...state.rows.values()].map(lastingPart).sort(byId)).toEqual(
        [...(steady?.rows.values() ?? [])].map(lastingPart).sort(byId),
      );
      expect([...state.organizations.keys()].sort()).toEqual([...(steady?.organizations.keys() ?? [])].sort());
    }
    await sameAsRest(stack, flaky);
    for (const client of [...watchers, ...last]) await client.kill();
  }, 240_000);

  it("finds its place again after the runtime was killed", async () => {
    const { wsUrl } = stack.controller;
    const open = (states: (StreamState | undefined)[]) =>
      Promise.all(
        Array.from({ length: shards }, async (_, shard) => {
          const state = states[shard];
          return (await StreamClient.open(wsUrl, { shard, ...(state && { state }) })).ready();
        }),
      );
    const before = await open([]);
    const client = await openSession(`${wsUrl}/ws`, "res-crash");
    const states = before.map(({ state }) => state);
    await eventually(() => expect(states.some(({ rows }) => rows.get("res-crash")?.connected)).toBe(true));
    await stack.controller.crash();
    await Promise.all(before.map((each) => each.closedWithin(30_000)));
    const again = await open(states);
    await eventually(() => {
      expect(states.some(({ rows }) => rows.has("res-crash") && !rows.get("res-crash")?.connected)).toBe(true);
    });
    expect(again.every(({ state }) => state.snapshots === 1 && state.resumes === 1)).toBe(true);
    expect(states.flatMap(({ problems }) => problems)).toEqual([]);
    for (const each of again) await each.kill();
    client.kill();
  }, 240_000);
});

/** One thing that happens to an orchestrator; every few rounds it is gone for good, and registered again. */
async function change(stack: Stack, id: string, round: number): Promise<void> {
  const { controller } = stack;
  const client: RawClient = await openSession(`${controller.wsUrl}/ws`, id);
  client.send({ ...beat(), health_status: round % 2 === 0 ? "degraded" : "healthy" });
  await client.next("keepalive_ack");
  if (round % 3 === 1) {
    const body = { is_independent: round % 2 === 0, privacy_mode: false };
    await controller.call("PUT", `/api/v1/internal/orchestrators/${id}/independence`, body);
  }
  await client.close(1000);
  if (round % 4 === 3) {
    await controller.call("DELETE", `/api/v1/internal/orchestrators/${id}/deregister`);
    await stack.register(id, `team-${round % 2}-${id.length}`);
  }
}

/** What REST says of the same fleet. */
async function sameAsRest(stack: Stack, states: StreamState[]): Promise<void> {
  const rows = states.flatMap(({ rows }) => [...rows.values()]);
  await eventually(async () => {
    const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators?page=1&page_size=100");
    const listed = asList(body.data?.items).map((item) => ({
      orchestrator_id: String(item.orchestrator_id),
      organization_id: item.organization_id,
      status: item.status,
      connected: item.connected,
      health_status: item.health_status,
      is_independent: item.is_independent,
      config_state: item.config_state,
    }));
    const streamed = rows.map((row) => ({
      orchestrator_id: row.orchestrator_id,
      organization_id: row.organization_id,
      status: row.status,
      connected: row.connected,
      health_status: row.health_status,
      is_independent: row.is_independent,
      config_state: row.config_state,
    }));
    expect(streamed.sort(byId)).toEqual(listed.sort(byId));
    const organizations = await stack.controller.call("GET", "/api/v1/controller/organizations?page=1&page_size=100");
    for (const item of asList(organizations.body.data?.items)) {
      const known = states.flatMap((state) => state.organizations.get(String(item.organization_id)) ?? []);
      if (known.length > 0) expect(known[0]?.status).toBe(item.status);
    }
  });
  const live = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
  const connected = rows.filter((row) => row.connected).map((row) => row.orchestrator_id);
  expect(Object.keys(live.body.data?.orchestrators ?? {}).sort()).toEqual(connected.sort());
}

/** A report that changes nothing else in a row sends no frame, so the time and the version depend on when a viewer came. */
const lastingPart = <Row extends StreamRow>({ last_seen: _, presence_version: __, ...row }: Row) => row;
const byId = (a: { orchestrator_id: string }, b: { orchestrator_id: string }) =>
  a.orchestrator_id < b.orchestrator_id ? -1 : 1;
