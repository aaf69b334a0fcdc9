import { env } from "cloudflare:workers";
import { inArray } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { ORGANIZATION_SORT_KEYS } from "../../worker/contract/values/lists.ts";
import { database } from "../../worker/db/client.ts";
import {
  activityLogs,
  apiTokens,
  configRevisions,
  joinTokens,
  orchestratorInstances,
  orchestratorMessages,
  organizations,
  users,
} from "../../worker/db/schema.ts";
import { writeCursor } from "../../worker/platform/cursor.ts";
import { CONTROLLER, call, INTERNAL } from "./api.ts";

const ROWS = 40;
const PAGE = 7;
const ids = Array.from({ length: ROWS }, (_, index) => `cur-${String(index).padStart(3, "0")}`);
/** Three of a kind share their moment, so that the id has to tell them apart. */
const moment = (index: number) => new Date(Date.UTC(2025, 5, 1, 12, 0, 0, Math.floor(index / 3)));
const uuid = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
const key = (index: number) => `cursor${String(index).padStart(4, "0")}`;
const indexes = ids.map((_, index) => index);

beforeAll(async () => {
  const db = database(env);
  await db.insert(organizations).values(
    ["cur", ...ids].map((organizationId, index) => ({
      organizationId,
      name: organizationId,
      createdAt: moment(index),
    })),
  );
  await db
    .insert(orchestratorInstances)
    .values(ids.map((id, index) => ({ orchestratorId: id, organizationId: id, createdAt: moment(index) })));
  await db.insert(orchestratorMessages).values(
    ids.map((id, index) => ({
      ...{ id: `msg_${id}`, orchestratorId: id, content: "walked by cursor", createdAt: moment(index) },
      ...({ messageType: "monitoring", direction: "inbound" } as const),
    })),
  );
  await db.insert(activityLogs).values(
    indexes.map((index) => ({
      ...{ id: uuid(index), at: moment(index), action: "cursor.walk", actor: "test" },
      ...{ targetType: "organization", targetId: "cur" },
    })),
  );
  await db
    .insert(users)
    .values(
      ids.map((username, index) => ({ userId: uuid(index), username, passwordHash: "x", role: "viewer" as const })),
    );
  await db.insert(apiTokens).values(
    indexes.map((index) => ({
      ...{ keyId: key(index), digest: "x", name: "walk", scopes: ["read"] as ["read"], createdBy: "test" },
      createdAt: moment(index),
    })),
  );
  await db.insert(joinTokens).values(
    indexes.map((index) => ({
      ...{ keyId: key(index), digest: "x", organizationId: "cur", maxUses: 1, createdBy: "test" },
      ...{ createdAt: moment(index), expiresAt: new Date("2999-01-01") },
    })),
  );
  await db
    .insert(configRevisions)
    .values(indexes.map((index) => ({ organizationId: "cur", revision: index + 1, hash: "x", actor: "test" })));
});

interface ListCase {
  path: string;
  /** The field that tells entries apart; the values of those that were inserted, in any order. */
  field: string;
  all: readonly (string | number)[];
  size?: string;
  remove: (indexes: number[]) => Promise<unknown>;
}

const db = () => database(env);
const at = <T>(list: readonly T[], places: number[]) => places.flatMap((place) => list[place] ?? []);
const removeOrganizations = (places: number[]) =>
  db()
    .delete(organizations)
    .where(inArray(organizations.organizationId, at(ids, places)));
const removeInstances = (places: number[]) =>
  db()
    .delete(orchestratorInstances)
    .where(inArray(orchestratorInstances.orchestratorId, at(ids, places)));
const uuids = indexes.map(uuid);
const keys = indexes.map(key);

/** Those that lists before may have removed are of no interest to what follows, so the order of these matters. */
const LISTS: ListCase[] = [
  {
    path: `${INTERNAL}/messages?q=walked%20by%20cursor`,
    field: "id",
    size: "limit",
    all: ids.map((id) => `msg_${id}`),
    remove: (places) =>
      db()
        .delete(orchestratorMessages)
        .where(
          inArray(
            orchestratorMessages.id,
            at(ids, places).map((id) => `msg_${id}`),
          ),
        ),
  },
  {
    path: `${CONTROLLER}/audit?action=cursor.walk`,
    field: "id",
    all: uuids,
    // Retention is what removes entries; here the oldest go.
    remove: () => Promise.resolve(),
  },
  {
    path: `${CONTROLLER}/users?q=cur-0`,
    field: "username",
    all: ids,
    remove: (places) =>
      db()
        .delete(users)
        .where(inArray(users.username, at(ids, places))),
  },
  {
    path: `${CONTROLLER}/api-tokens?ended=true`,
    field: "key_id",
    all: keys,
    remove: (places) =>
      db()
        .delete(apiTokens)
        .where(inArray(apiTokens.keyId, at(keys, places))),
  },
  {
    path: `${CONTROLLER}/organizations/cur/join-tokens?`,
    field: "key_id",
    all: keys,
    remove: (places) =>
      db()
        .delete(joinTokens)
        .where(inArray(joinTokens.keyId, at(keys, places))),
  },
  {
    path: `${CONTROLLER}/organizations/cur/config/revisions?`,
    field: "revision",
    all: indexes.map((index) => index + 1),
    remove: (places) =>
      db()
        .delete(configRevisions)
        .where(
          inArray(
            configRevisions.revision,
            places.map((place) => place + 1),
          ),
        ),
  },
  { path: `${CONTROLLER}/orchestrators?q=cur-0`, field: "orchestrator_id", all: ids, remove: removeInstances },
  { path: `${CONTROLLER}/orchestrator-instances?q=cur-0`, field: "orchestrator_id", all: ids, remove: removeInstances },
  { path: `${INTERNAL}/orchestrators?q=cur-0`, field: "orchestrator_id", all: ids, remove: removeInstances },
  { path: `${CONTROLLER}/organizations?q=cur-0`, field: "organization_id", all: ids, remove: removeOrganizations },
  ...["created_at", "-organization_id"].map((sort) => ({
    ...{ path: `${CONTROLLER}/organizations?q=cur-0&sort=${sort}`, field: "organization_id", all: ids },
    remove: removeOrganizations,
  })),
];

interface Answer {
  items: Record<string, string | number>[];
  next_cursor: string | null;
  returned: number;
  truncated: boolean;
  total: number;
}

async function read(list: Pick<ListCase, "path" | "size">, rest: string): Promise<Answer> {
  const { status, body, text } = await call("GET", `${list.path}&${list.size ?? "page_size"}=${PAGE}${rest}`);
  expect(status, text).toBe(200);
  const data = body.data?.items ? body.data : body;
  return {
    ...data,
    items: data.items ?? data.messages ?? data.orchestrators,
    total: data.total_items ?? data.total_count,
  };
}

describe("a walk over a list", () => {
  it.each(LISTS)("B25: by cursor brings each exactly once, whatever goes meanwhile: $path", async (list) => {
    const before = (await walk(list)).filter((value) => list.all.includes(value));
    expect(new Set(before).size).toBe(before.length);
    // Half of what the first answers gave goes, and some that are still to come.
    const gone = [1, 2, 3, ROWS - 2, ROWS - 3, ROWS - 4, 20, 21];
    const seen = await walk(list, (answers) => (answers === 2 ? list.remove(gone) : undefined));
    const counts = new Map(seen.map((value) => [value, seen.filter((other) => other === value).length]));
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
    const stays = before.filter((value) => !at(list.all, gone).includes(value));
    expect(stays.filter((value) => !counts.has(value))).toEqual([]);
    expect(stays.length).toBeGreaterThan(20);
  });

  async function walk(list: ListCase, between: (answers: number) => Promise<unknown> | undefined = () => undefined) {
    const seen: (string | number)[] = [];
    let answer = await read(list, "");
    for (let answers = 1; ; answers += 1) {
      expect(answer.returned).toBe(answer.items.length);
      expect(answer.truncated).toBe(answer.total > answer.items.length);
      seen.push(...answer.items.flatMap((item) => item[list.field] ?? []));
      if (answer.next_cursor === null) return seen;
      await between(answers);
      answer = await read(list, `&cursor=${answer.next_cursor}`);
    }
  }

  it("B25: of the ids of organizations skips nobody when 10 are deleted after the first page", async () => {
    const list = Array.from({ length: 30 }, (_, index) => `cux-${String(index).padStart(3, "0")}`);
    await db()
      .insert(organizations)
      .values(list.map((organizationId) => ({ organizationId, name: organizationId })));
    const path = `${CONTROLLER}/organizations/ids?q=cux-&page_size=20`;
    const first = (await call("GET", path)).body.data;
    for (const id of list.slice(0, 10)) {
      expect((await call("DELETE", `${CONTROLLER}/organizations/${id}`)).status).toBe(200);
    }
    const second = (await call("GET", `${path}&cursor=${first.next_cursor}`)).body.data;
    const found = [...first.items, ...second.items].map((item: { organization_id: string }) => item.organization_id);
    expect(found).toEqual(list);
    expect(second).toMatchObject({ next_cursor: null, has_next: false, returned: 10, total_items: 20 });
  });
});

describe("a walk over organizations in any order", () => {
  const list = Array.from({ length: 24 }, (_, index) => `cuo-${String(index).padStart(3, "0")}`);
  const sorts = ORGANIZATION_SORT_KEYS.flatMap((key) => [key, `-${key}`]);
  const pathOf = (sort: string) => `${CONTROLLER}/organizations?q=cuo-&sort=${sort}`;
  const idsOf = ({ items }: { items: { organization_id: string }[] }) => items.map((item) => item.organization_id);

  beforeAll(async () => {
    await db()
      .insert(organizations)
      .values(
        list.map((organizationId, index) => ({
          organizationId,
          // Three of a kind are equal in everything but the id, and every fourth has nothing to be sorted by.
          name: `Straße ${Math.floor(index / 3)}`,
          location: index % 4 ? `Århus ${Math.floor(index / 3)}` : null,
          status: index % 2 ? ("active" as const) : ("inactive" as const),
          lastSeen: index % 4 ? moment(index) : null,
          createdAt: moment(index),
        })),
      );
    await db()
      .insert(orchestratorInstances)
      .values(
        list
          .filter((_, index) => index % 4)
          .map((id, index) => ({
            ...{ orchestratorId: id, organizationId: id },
            healthStatus: (["healthy", "degraded", "unhealthy"] as const)[index % 3] ?? ("unknown" as const),
          })),
      );
  });

  it.each(sorts)(
    "B25 sibling: brings each exactly once, in that order, also those without a value: %s",
    async (sort) => {
      const whole = idsOf((await call("GET", `${pathOf(sort)}&page_size=100`)).body.data);
      expect(whole.toSorted()).toEqual(list);
      const seen: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const rest: string = cursor && `&cursor=${cursor}`;
        const { data } = (await call("GET", `${pathOf(sort)}&page_size=5${rest}`)).body;
        seen.push(...idsOf(data));
        expect(data.has_next).toBe(data.next_cursor !== null);
        cursor = data.next_cursor;
      }
      expect(seen).toEqual(whole);
    },
  );
});

describe("a walk over what needs attention", () => {
  it("B25 sibling: brings each exactly once, in order, whatever is settled or comes meanwhile", async () => {
    const list = Array.from({ length: 30 }, (_, index) => `cua-${String(index).padStart(3, "0")}`);
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    await db()
      .insert(organizations)
      .values(list.map((organizationId) => ({ organizationId, name: organizationId })));
    await db()
      .insert(orchestratorInstances)
      .values(
        list.map((id, index) => ({
          ...{ orchestratorId: id, organizationId: id, createdAt: hoursAgo(100) },
          // Lost, lost for long and never connected; three of a kind at the same moment.
          lastSeen: index < 20 ? hoursAgo(index < 10 ? 1 + Math.floor(index / 3) : 48 + Math.floor(index / 3)) : null,
        })),
      );
    await db()
      .insert(orchestratorMessages)
      .values(
        list.map((id, index) => ({
          ...{ id: `msg_${id}`, orchestratorId: id, content: "look here", createdAt: moment(index) },
          ...({ messageType: "monitoring", direction: "inbound" } as const),
          messageMetadata: { severity: ["low", "high", "critical"][index % 3] ?? "low" },
        })),
      );
    interface Item {
      kind: string;
      orchestrator_id: string;
    }
    const own = (items: Item[]) => {
      const mine = items.filter((item) => item.orchestrator_id.startsWith("cua-"));
      return mine.map((item) => `${item.kind} ${item.orchestrator_id}`);
    };
    const path = `${CONTROLLER}/attention?`;
    const pages: string[] = [];
    for (let page = 1, more = true; more; page += 1) {
      const { data } = (await call("GET", `${path}limit=100&page=${page}`)).body;
      pages.push(...own(data.items));
      more = data.items.length === 100;
    }
    expect(pages).toHaveLength(60);
    const seen: string[] = [];
    let answers = 0;
    for (let cursor: string | null = ""; cursor !== null; ) {
      const rest: string = cursor && `&cursor=${cursor}`;
      const { data } = (await call("GET", `${path}limit=7${rest}`)).body;
      expect(data.returned).toBe(data.items.length);
      expect(data.truncated).toBe(data.total > data.items.length);
      seen.push(...own(data.items));
      cursor = data.next_cursor;
      // What was given first is settled meanwhile: by page, as many would be skipped now.
      const settled = seen.flatMap((entry) => (entry.startsWith("lost ") ? [entry.slice(5)] : [])).slice(0, 5);
      if (++answers > 1 && settled.length > 0) {
        await db()
          .update(orchestratorInstances)
          .set({ isIndependent: true })
          .where(inArray(orchestratorInstances.orchestratorId, settled));
      }
    }
    expect(new Set(seen).size).toBe(seen.length);
    const muted = new Set(seen.flatMap((entry) => (entry.startsWith("lost ") ? [entry.slice(5)] : [])).slice(0, 5));
    const stays = pages.filter((entry) => !muted.has(entry.split(" ")[1] ?? ""));
    expect(seen.filter((entry) => !muted.has(entry.split(" ")[1] ?? ""))).toEqual(stays);
    expect(stays.length).toBeGreaterThanOrEqual(50);
  });
});

describe("a cursor", () => {
  const problemOf = async (path: string) => {
    const { status, body } = await call("GET", path);
    expect(status).toBe(422);
    return body.error.details[0];
  };

  it("belongs to its list, its filters and its order", async () => {
    const { next_cursor: cursor } = (await call("GET", `${CONTROLLER}/organizations?q=cu&page_size=1`)).body.data;
    for (const path of ["organizations?q=cur", "organizations?", "organizations?q=cu&sort=created_at", "users?q=cu"]) {
      expect(await problemOf(`${CONTROLLER}/${path}&cursor=${cursor}`)).toMatchObject({ path: "/query/cursor" });
    }
    // How many are read at a time is no filter.
    expect((await call("GET", `${CONTROLLER}/organizations?q=cu&page_size=3&cursor=${cursor}`)).status).toBe(200);
  });

  it("is refused when it was made up, and costs no more than that", async () => {
    const filters = { q: "cu", sort: "-created_at" };
    const made = [
      ...[[], [1], [1, "a", "b"], ["x", "cur"], [1e300, "cur"], [0, 7], [0, "a\u0000"]].map((values) =>
        writeCursor("organizations", filters, values),
      ),
      ...["x", "e30", "bnVsbA", "%00", "ö"],
    ];
    for (const cursor of made) {
      const path = `${CONTROLLER}/organizations?q=cu&cursor=${encodeURIComponent(cursor)}`;
      expect((await problemOf(path)).path).toBe("/query/cursor");
    }
    const nothing = writeCursor("organizations", { q: "cu", sort: "-created_at" }, [null, "cur"]);
    expect((await problemOf(`${CONTROLLER}/organizations?q=cu&cursor=${nothing}`)).path).toBe("/query/cursor");
    const text = writeCursor("attention", {}, [0, "x", 0, null, null, "cur"]);
    expect((await problemOf(`${CONTROLLER}/attention?cursor=${text}`)).path).toBe("/query/cursor");
  });
});
