import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LogLine } from "../../worker/contract/presence.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { writeCursor } from "../../worker/platform/cursor.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { orchestratorRpc } from "./client.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Shards of their own, so that what is walked over lies in several. */
const SHARDS = { ...env, FLEET_SHARDS: "3" } as unknown as Env;
const PAGE = 7;
const ids = Array.from({ length: 9 }, (_, index) => `cue-${index}`);
const startedAt = Date.now() - 60_000;

interface Entry {
  key: string;
  at: string;
}

interface Answer {
  entries: Entry[];
  next_cursor: string | null;
  returned: number;
  truncated: boolean;
  total: number;
}

type Row = Record<"timestamp" | "at" | "message" | "detail" | "type" | "orchestrator_id", string>;

interface Body {
  data: { items: Row[] };
  logs: Row[];
}

interface ListCase {
  name: string;
  path: string;
  entriesOf: (body: Body) => Entry[];
  /** Something that happens at this moment; `index` tells apart what does. */
  happen: (at: number, index: number) => Promise<unknown>;
}

const setClock = (at: number) => vi.useFakeTimers({ toFake: ["Date"], now: at });
const own = (index: number) => ids[index % ids.length] ?? "";

async function announce(at: number, index: number, detail = `event ${index}`): Promise<void> {
  setClock(at);
  const id = own(index);
  const event = { type: "message", orchestratorId: id, organizationId: id, detail } as const;
  await fleetOf(SHARDS, id).log([], [event]);
}

async function log(at: number, index: number, message: string): Promise<void> {
  const id = own(index);
  const line: LogLine = { at, level: "INFO", message, orchestratorId: id, count: 1 };
  await fleetOf(SHARDS, id).log([line]);
}

const lines = ({ logs }: Body) => logs.map(({ message, timestamp }) => ({ key: message, at: timestamp }));

const LISTS: ListCase[] = [
  {
    name: "the activity of the fleet",
    path: `${CONTROLLER}/activity?limit=${PAGE}`,
    entriesOf: ({ data }: Body) =>
      data.items.map(({ detail, at, orchestrator_id }) => ({ key: `${orchestrator_id} ${detail}`, at })),
    happen: announce,
  },
  ...[
    `${INTERNAL}/logs?q=internal%20walk&limit=${PAGE}`,
    `${CONTROLLER}/logs?q=controller%20walk&page_size=${PAGE}`,
  ].map((path) => {
    const words = path.includes(INTERNAL) ? "internal walk" : "controller walk";
    const happen = (at: number, index: number) => log(at, index, `${words} ${index}`);
    return { name: path, path, entriesOf: lines, happen };
  }),
];

async function read(list: Pick<ListCase, "path" | "entriesOf">, cursor: string | null): Promise<Answer> {
  const path = cursor === null ? list.path : `${list.path}&cursor=${cursor}`;
  const { status, body, text } = await call("GET", path, { env: { FLEET_SHARDS: "3" } });
  expect(status, text).toBe(200);
  const extent = body.logs ? { ...body.data, ...body } : body.data;
  return { ...extent, entries: list.entriesOf(body) };
}

async function walk(list: Pick<ListCase, "path" | "entriesOf">, between = async (_answers: number) => {}) {
  const seen: Entry[] = [];
  let cursor: string | null = null;
  for (let answers = 1; ; answers += 1) {
    const answer = await read(list, cursor);
    expect(answer.returned).toBe(answer.entries.length);
    expect(answer.truncated).toBe(answer.total > answer.entries.length);
    seen.push(...answer.entries);
    cursor = answer.next_cursor;
    if (cursor === null) return seen;
    await between(answers);
  }
}

describe("a walk over what happened in several shards", () => {
  it.each(LISTS)("B25 sibling: brings each entry once, newest first, whatever comes meanwhile: $name", async (list) => {
    // Three of a kind share their millisecond, in several shards.
    for (let index = 0; index < 40; index++) await list.happen(startedAt + Math.floor(index / 3), index);
    const before = await walk(list);
    expect(before.length).toBeGreaterThanOrEqual(40);
    expect(new Set(before.map(({ key }) => key)).size).toBe(before.length);
    const moments = before.map(({ at }) => Date.parse(at));
    expect(moments).toEqual(moments.toSorted((left, right) => right - left));
    const during = await walk(list, async (answers) => {
      for (let index = 0; index < 3; index++)
        await list.happen(startedAt + 1_000 + answers, 1_000 + 3 * answers + index);
    });
    expect(during.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  });

  it("B25 sibling: does not repeat what was given and is folded into a newer entry meanwhile", async () => {
    const list = LISTS[0] as ListCase;
    const at = startedAt + 5_000;
    for (let index = 0; index < 30; index++) await announce(at + index, 9, "again and again");
    const between = async (answers: number) => announce(at + 100 + answers, 9, "again and again");
    const during = await walk(list, between);
    expect(new Set(during.map(({ key, at: when }) => `${key} ${when}`)).size).toBe(during.length);
    // The first few stay by themselves, and the newest stands for the others.
    const repeated = during.filter(({ key }) => key.endsWith("again and again"));
    expect(repeated.length).toBeGreaterThanOrEqual(19);
    expect(repeated.length).toBeLessThanOrEqual(20);
  });

  it("B25 sibling: keeps its place when a line comes late and belongs among the older ones", async () => {
    const list = LISTS[1] as ListCase;
    const before = await walk(list);
    const first = await read(list, null);
    await log(startedAt + 2_000, 1, "internal walk that comes later");
    await log(startedAt - 1_000, 2, "internal walk that was late");
    const seen = [...first.entries];
    for (let cursor = first.next_cursor; cursor !== null; ) {
      const answer = await read(list, cursor);
      seen.push(...answer.entries);
      cursor = answer.next_cursor;
    }
    expect(seen.map(({ key }) => key)).toEqual([...before.map(({ key }) => key), "internal walk that was late"]);
  });
});

describe("a walk while a shard still runs the version before", () => {
  it("gives nothing twice, and neither ends early nor makes up a total", async () => {
    const event = (index: number) => ({
      ...{ index, at: startedAt + index, type: "message" as const, detail: null },
      ...{ orchestrator_id: "cue-old", organization_id: "cue-old" },
    });
    const newest = Array.from({ length: 10 }, (_, index) => event(10 - index));
    const old = {
      recentEvents: async (_scope: unknown, limit: number) => newest.slice(0, limit),
      eventCount: () => Promise.reject(new TypeError("The RPC receiver does not implement the method")),
    };
    const read = async (query: string) =>
      (await call("GET", `${CONTROLLER}/activity?${query}`, { env: { FLEET: { getByName: () => old } } })).body.data;
    const indexes = ({ items }: { items: { index: number }[] }) => items.map(({ index }) => index);
    const first = await read("limit=4");
    expect(first).toMatchObject({ total: null, returned: 4, truncated: true });
    const second = await read(`limit=3&cursor=${first.next_cursor}`);
    expect(second).toMatchObject({ items: [], next_cursor: first.next_cursor, truncated: true });
    const rest = await read(`limit=20&cursor=${first.next_cursor}`);
    expect([indexes(first), indexes(rest)]).toEqual([
      [10, 9, 8, 7],
      [6, 5, 4, 3, 2, 1],
    ]);
    expect(rest.next_cursor).toBeNull();
  });
});

describe("a walk over what one orchestrator did", () => {
  const id = "cue-own";
  const list = {
    path: `${CONTROLLER}/orchestrators/${id}/activity?limit=${PAGE}`,
    entriesOf: ({ data }: Body) =>
      data.items.map(({ type, timestamp, ...rest }) => ({ key: `${type} ${JSON.stringify(rest)}`, at: timestamp })),
  };
  const setIndependent = async (isOn: boolean) => {
    const body = { is_independent: isOn, reason: "walk" };
    expect((await call("PUT", `${INTERNAL}/orchestrators/${id}/independence`, { body })).status).toBe(200);
  };

  it("B25 sibling: brings its entries and the heartbeats that are still held once each, and counts all", async () => {
    await register(id);
    for (let index = 0; index < 20; index++) {
      await orchestratorRpc(id).heartbeat({});
      if (index % 4 === 0) await setIndependent(index % 8 === 0);
    }
    const whole = await read({ ...list, path: list.path.replace(`limit=${PAGE}`, "limit=1000") }, null);
    expect(whole).toMatchObject({ truncated: false, next_cursor: null, total: whole.entries.length });
    expect(whole.entries.filter(({ key }) => key.startsWith("keepalive"))).toHaveLength(20);
    expect(whole.entries.length).toBeGreaterThan(24);
    expect(await walk(list)).toEqual(whole.entries);
    // A new heartbeat pushes out the oldest of those that are held; nothing else shifts.
    const during = await walk(list, async (answers) => {
      if (answers === 1) await orchestratorRpc(id).heartbeat({});
    });
    const [oldest] = whole.entries.toReversed().filter(({ key }) => key.startsWith("keepalive"));
    expect(during).toEqual(whole.entries.filter((entry) => entry !== oldest));
  });
});

describe("a cursor of what happened", () => {
  const refusal = async (path: string) => {
    const { status, body } = await call("GET", path, { env: { FLEET_SHARDS: "3" } });
    expect(status).toBe(422);
    return body.error.details[0].path;
  };

  it("belongs to its list and its filters, and is refused when it was made up", async () => {
    const { next_cursor: cursor } = await read(LISTS[1] as ListCase, null);
    for (const path of [
      ...[
        `${INTERNAL}/logs?q=internal`,
        `${INTERNAL}/logs?q=internal%20walk&level=INFO`,
        `${CONTROLLER}/activity?limit=7`,
      ],
      `${CONTROLLER}/orchestrators/cue-own/activity?limit=7`,
    ]) {
      expect(await refusal(`${path}&cursor=${cursor}`)).toBe("/query/cursor");
    }
    const other = writeCursor("orchestrator activity", { orchestrator_id: "cue-other" }, [1, 0, 1]);
    const made = [[], [1, 0], ["1", 0, 1], [1e300, 0, 1], [1.5, 0, 1], [1, 0, 1, 1]];
    expect(await refusal(`${CONTROLLER}/orchestrators/cue-own/activity?cursor=${other}`)).toBe("/query/cursor");
    for (const key of made) {
      expect(await refusal(`${CONTROLLER}/activity?cursor=${writeCursor("activity", {}, key)}`)).toBe("/query/cursor");
    }
  });
});
