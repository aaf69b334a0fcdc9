import { env } from "cloudflare:workers";
import { inArray } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { writeCursor } from "../../worker/cursor.ts";
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

  it("is given only for an order that nothing changes meanwhile, and refused with another", async () => {
    const path = `${CONTROLLER}/organizations?q=cu&page_size=1&sort=last_seen`;
    expect((await call("GET", path)).body.data).toMatchObject({ next_cursor: null, has_next: true, truncated: true });
    expect((await problemOf(`${path}&cursor=x`)).message).toContain("sort by organization_id or created_at");
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
  });
});
