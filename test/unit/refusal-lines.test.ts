import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countRefusal,
  dayOf,
  dueAt,
  endLines,
  LIMITS,
  type Limits,
  type Line,
  MAX_ROWS_PER_LINE,
  type Refusal,
  type Row,
} from "../../worker/auth/refusal-lines.ts";
import type { AccessEvent } from "../../worker/contract/session.ts";

const START = Date.UTC(2030, 0, 1, 23, 50);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What the object does with refusals, alarms and resets, without the object. */
class Book {
  lines = new Map<string, Line>();
  readonly rows: (Row & { at: number })[] = [];
  readonly linesOfDay = new Map<number, Set<string>>();
  readonly limits: Limits;
  now = START;

  constructor(limits: Limits = LIMITS) {
    this.limits = limits;
  }

  /** Every alarm on the way rings. */
  passUntil(at: number): void {
    for (;;) {
      const due = Math.min(...[...this.lines.values()].map((line) => dueAt(line) ?? Number.POSITIVE_INFINITY));
      if (due > at) break;
      this.now = Math.max(this.now, due);
      this.#end();
    }
    this.now = at;
  }

  refuse(refusal: Refusal): void {
    this.#end();
    const { line, row } = countRefusal(this.lines, refusal, this.now, { limits: this.limits });
    this.lines.set(line.key, line);
    const today = this.linesOfDay.get(dayOf(this.now)) ?? new Set();
    this.linesOfDay.set(dayOf(this.now), today.add(line.key));
    if (row) this.rows.push({ ...row, at: this.now });
  }

  /** Only what is in rows survives. */
  reset(): void {
    this.lines = new Map(JSON.parse(JSON.stringify([...this.lines])));
  }

  get total(): number {
    return this.rows.reduce((sum, { count }) => sum + count, 0);
  }

  #end(): void {
    const { changed, over, rows } = endLines(this.lines, this.now);
    for (const line of changed) this.lines.set(line.key, line);
    for (const key of over) this.lines.delete(key);
    for (const row of rows) this.rows.push({ ...row, at: this.now });
  }
}

function refusal(of: {
  name?: string;
  ip?: string | null;
  isReal?: boolean;
  action?: AccessEvent["action"];
  type?: AccessEvent["target"]["type"];
  actor?: string;
  by?: AccessEvent["by"] | undefined;
  count?: number;
}): Refusal {
  const { name = "nobody", ip = "192.0.2.1", isReal = false, action = "auth.login_throttled" } = of;
  const context = { actor: of.actor ?? "anonymous", ip, userAgent: null, requestId: "r" };
  const target = { type: of.type ?? "user", id: name };
  const by = of.by && { by: of.by };
  return { event: { action, target, code: "rate_limited", context, ...by }, isReal, count: of.count ?? 1 };
}

describe("the audit of refusals", () => {
  it("names a real account that one address tries while another sends hundreds of made-up names", () => {
    const book = new Book();
    for (let index = 0; index < 560; index++) {
      book.now += 20;
      book.refuse(refusal({ name: `noise-${index}` }));
      if (index % 100 === 99) book.refuse(refusal({ name: "ada", ip: "198.51.100.9", isReal: true }));
    }
    const ofAda = () => book.rows.filter(({ event }) => event.target.id === "ada");
    expect(ofAda()).toMatchObject([{ count: 1, event: { context: { ip: "198.51.100.9" } }, folded: null }]);
    book.passUntil(START + DAY_MS);
    expect(ofAda().reduce((sum, { count }) => sum + count, 0)).toBe(5);
    expect(book.total).toBe(565);
    // Five names of their own, and one line that names none of the others.
    expect(new Set(book.rows.map(({ event }) => event.target.id))).toEqual(
      new Set(["ada", "several names", ...[0, 1, 2, 3, 4].map((index) => `noise-${index}`)]),
    );
    expect(book.rows.length).toBeLessThan(20);
  });

  it("tells the count of refusals that silence follows, also after a reset", () => {
    const book = new Book();
    for (let index = 0; index < 50; index++) book.refuse(refusal({ name: "ada", isReal: true }));
    book.reset();
    book.passUntil(START + MINUTE_MS);
    expect(book.rows.map(({ count }) => count)).toEqual([1, 49]);
  });

  it("keeps an attack that never ends to eleven rows a day", () => {
    const book = new Book();
    book.now = Date.UTC(2030, 0, 2);
    for (let second = 0; second < 86_400; second += 10) {
      book.passUntil(Date.UTC(2030, 0, 2) + second * 1000);
      book.refuse(refusal({ name: "ada", isReal: true }));
    }
    book.passUntil(Date.UTC(2030, 0, 3));
    expect(book.rows).toHaveLength(MAX_ROWS_PER_LINE);
    expect(book.total).toBe(8_640);
  });

  it("counts an IPv6 network as one address", () => {
    const book = new Book();
    for (let index = 1; index <= 500; index++)
      book.refuse(refusal({ name: "ada", ip: `2001:db8::${index}`, isReal: true }));
    expect(book.lines.size).toBe(1);
  });

  it("keeps its size under a crowd, and names every account that it tries", () => {
    const book = new Book();
    const accounts = Array.from({ length: 50 }, (_, index) => `person-${index}`);
    for (let index = 0; index < 4_000; index++) {
      const ip = `198.51.${index % 250}.${Math.floor(index / 250)}`;
      book.refuse(refusal({ name: `made-up-${index}`, ip }));
      book.refuse(refusal({ name: accounts[index % accounts.length] ?? "", ip, isReal: true }));
    }
    const { pair, target, name, address } = LIMITS;
    expect(book.lines.size).toBeLessThanOrEqual(pair.all + target.all + name.all + address.all + 1);
    const named = new Set(book.rows.map(({ event }) => event.target.id));
    expect(accounts.filter((each) => !named.has(each))).toEqual([]);
    book.passUntil(START + DAY_MS);
    expect(book.total).toBe(8_000);
  });

  it("names somebody of another organization, however many tokens and accounts one fills it with", () => {
    const book = new Book();
    for (let index = 0; index < 1_200; index++) {
      const by = { account: `user:admin-${index % 3}`, organization: "loud" };
      book.refuse(refusal({ name: `x-${index}`, actor: `token:t (${index})`, by }));
      const agent = `agent:loud-${index}`;
      book.refuse(refusal({ name: `x-${index}`, actor: agent, by: { account: agent, organization: "loud" } }));
    }
    const by = { account: "user:eve", organization: "quiet" };
    book.refuse(refusal({ name: "ada", ip: "198.51.100.9", actor: "token:watch (k)", by }));
    expect(book.rows.at(-1)).toMatchObject({
      folded: null,
      event: { target: { id: "ada" }, context: { actor: "token:watch (k)", ip: "198.51.100.9" } },
    });
    expect(book.lines.size).toBeLessThanOrEqual(102);
    book.passUntil(START + DAY_MS);
    expect(book.total).toBe(2_401);
    // What is counted together is under the account or the organization, not under one of its tokens.
    const actors = book.rows.filter(({ folded }) => folded !== null).map(({ event }) => event.context.actor);
    expect(actors).toContain("organization:loud");
    expect(actors.filter((actor) => actor.startsWith("token:"))).toEqual([]);
  });

  it("waits with rows while the audit takes none, and tells all of them then", () => {
    const lines = new Map<string, Line>();
    for (let index = 0; index < 3; index++) {
      const { line, row } = countRefusal(lines, refusal({}), START, { isFull: true });
      expect(row).toBeNull();
      lines.set(line.key, line);
    }
    expect(endLines(lines, START).rows).toMatchObject([{ count: 3 }]);
  });
});

describe("any interleaving of refusals, alarms, resets and days", () => {
  const networks = ["192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8:1:2::1", null] as const;
  const real = ["ada", "bob", "org-001"] as const;
  const step = fc.record({
    afterMs: fc.constantFrom(0, 0, 0, 1_000, 59_000, 61_000, 3_600_000, 20 * 3_600_000),
    isReset: fc.boolean(),
    ip: fc.constantFrom(...networks),
    name: fc.oneof(
      fc.constantFrom(...real),
      fc.string({ maxLength: 2 }).map((text) => `x${text}`),
      fc.constant(""),
    ),
    isRoute: fc.boolean(),
    actor: fc.oneof(
      fc.constant("anonymous"),
      fc.constantFrom("user:eve", "agent:org-001"),
      fc.nat({ max: 9 }).map((index) => `token:t (${index})`),
    ),
    // The account of a token, and the organization of all who are logged in.
    maker: fc.constantFrom("user:eve", "user:adam"),
    organization: fc.constantFrom("a", "b", null),
    action: fc.constantFrom<AccessEvent["action"]>("auth.login_failed", "auth.login_throttled", "access.denied"),
    count: fc.integer({ min: 1, max: 3 }),
  });
  const limits: Limits = {
    pair: { all: 5, ofOne: 3 },
    // As many as there are names that exist, of each kind.
    target: { all: 9, ofOne: 9 },
    name: { all: 3, ofOne: 2 },
    address: { all: 4, ofOne: 4 },
    actorAt: { all: 10, ofOne: 2, ofOrganization: 3 },
    actor: { all: 8, ofOne: 2, ofOrganization: 2 },
    // As many as there are organizations, of each kind.
    organization: { all: 18, ofOne: 18 },
  };
  const ROOM = Object.values(limits).reduce((sum, { all }) => sum + all, 0);
  /** Each action of each kind of target. */
  const KINDS = 6;

  it("counts each, shows every pair of an address and a name that exists, and stays within its rows", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = new Book(limits);
        let total = 0;
        const pairs = new Set<string>();
        for (const { afterMs, isReset, ip, isRoute, actor, maker, organization, count, action, name } of steps) {
          book.passUntil(book.now + afterMs);
          if (isReset) book.reset();
          const isReal = !isRoute && actor === "anonymous" && (real as readonly string[]).includes(name);
          const account = actor.startsWith("token:") ? maker : actor;
          const by = actor === "anonymous" ? undefined : { account, organization };
          book.refuse(refusal({ name, ip, isReal, action, type: isRoute ? "route" : "user", actor, by, count }));
          total += count;
          if (isReal && ip !== null) pairs.add(`${name} ${ip}`);
          expect(book.lines.size).toBeLessThanOrEqual(ROOM + KINDS);
        }
        const quiet = { account: "user:quiet", organization: "quiet" };
        book.refuse(refusal({ name: "seen", actor: "token:quiet (k)", by: quiet }));
        expect(book.rows.at(-1)).toMatchObject({
          folded: null,
          event: { target: { id: "seen" }, context: { actor: "token:quiet (k)" } },
        });
        total += 1;
        book.passUntil(book.now + 2 * DAY_MS);
        expect(book.total).toBe(total);
        const told = new Set(
          book.rows.flatMap(({ event, addresses }) =>
            (addresses ?? [event.context.ip]).map((address) => `${event.target.id} ${address}`),
          ),
        );
        expect([...pairs].filter((pair) => !told.has(pair))).toEqual([]);
        for (const [day, keys] of book.linesOfDay) {
          const rows = book.rows.filter(({ at }) => dayOf(at) === day).length;
          const before = book.linesOfDay.get(day - 1)?.size ?? 0;
          expect(keys.size).toBeLessThanOrEqual(ROOM + KINDS);
          expect(rows).toBeLessThanOrEqual((MAX_ROWS_PER_LINE - 1) * keys.size + before);
        }
      }),
      { numRuns: 300 },
    );
  });
});
