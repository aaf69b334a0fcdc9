import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { FleetRpc } from "../../worker/contract/rpc.ts";
import { newToken } from "../../worker/platform/tokens.ts";
import { eventually } from "../support/eventually.ts";
import { bearer, firstToken } from "./agent-token-calls.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { orchestratorStub, upgrade } from "./client.ts";
import { createPerson, login } from "./people.ts";
import { sessionOf } from "./session.ts";

const auth = env.AUTH.getByName("auth");
const from = (address: string) => ({ "CF-Connecting-IP": address });

interface Row {
  action: string;
  actor: string;
  target_id: string;
  organization_id: string | null;
  ip: string | null;
  after: { code: string; count: number; folded?: string; addresses?: string[] };
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function rowsOf(query: string): Promise<Row[]> {
  return (await call("GET", `${CONTROLLER}/audit?page_size=100&${query}`)).body.data.items;
}

const countOf = (rows: readonly Row[]) => rows.reduce((sum, { after }) => sum + after.count, 0);

/** A login that was throttled, as the Worker tells of it. */
const throttled = (name: string, ip: string) =>
  auth.note({
    action: "auth.login_throttled",
    target: { type: "user", id: name },
    code: "rate_limited",
    context: { actor: "anonymous", ip, userAgent: null, requestId: "flood" },
  });

/** As much later as a count waits for at first, the alarm rings. */
async function ringAfterMs(ms: number): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
  await runDurableObjectAlarm(auth);
  vi.useRealTimers();
}

/** Somebody whom the object of logins has not read of before: it looks again after a reset, or ten seconds. */
async function newPerson(name: string): Promise<void> {
  await createPerson(name, "viewer");
  await evictAuth();
}

async function evictAuth(): Promise<void> {
  // Only what is awake can be evicted.
  await auth.session("nobody's");
  await evictDurableObject(auth as unknown as DurableObjectStub<undefined>);
}
const bytesOf = () =>
  runInDurableObject(
    auth as unknown as DurableObjectStub<undefined>,
    (_instance, state) => state.storage.sql.databaseSize,
  );

describe("the audit of refused logins", () => {
  it("names the account that another address tries behind 560 throttled logins with made-up names", async () => {
    await newPerson("flo-ada");
    for (let index = 0; index < 560; index++) {
      await throttled(`flo-noise-${index}`, "203.0.113.201");
      if (index === 100 || index === 550) await throttled("flo-ada", "203.0.113.202");
    }
    const ofAda = await rowsOf("target=flo-ada&action=auth.login_throttled");
    expect(ofAda).toMatchObject([{ ip: "203.0.113.202", after: { code: "rate_limited", count: 1 } }]);
    await ringAfterMs(61_000);
    expect(countOf(await rowsOf("target=flo-ada&action=auth.login_throttled"))).toBe(2);
    const noise = await rowsOf("q=203.0.113.201");
    expect(countOf(noise)).toBe(560);
    expect(noise).toContainEqual(
      expect.objectContaining({
        target_id: "several names",
        after: expect.objectContaining({ folded: "further names" }),
      }),
    );
    expect(noise.length).toBeLessThanOrEqual(7);
  });

  it("has a row for each address that tries an account, however many names the others make up", async () => {
    await newPerson("flo-bob");
    const sources = ["203.0.113.211", "203.0.113.212", "2001:db8:f10::1"];
    for (const ip of sources) await throttled("flo-bob", ip);
    const rows = await rowsOf("target=flo-bob&action=auth.login_throttled");
    expect(rows.map(({ ip }) => ip).sort()).toEqual([...sources].sort());
  });

  it("keeps the count of 50 refusals that silence follows, whatever happens to the object", async () => {
    await newPerson("flo-eve");
    for (let index = 0; index < 50; index++) {
      await throttled("flo-eve", "203.0.113.203");
      if (index % 10 === 5) await evictAuth();
    }
    await evictAuth();
    const armed = await runInDurableObject(auth as unknown as DurableObjectStub<undefined>, (_instance, state) =>
      state.storage.getAlarm(),
    );
    expect(armed).not.toBeNull();
    expect((armed ?? 0) - Date.now()).toBeLessThanOrEqual(60_000);
    await ringAfterMs(61_000);
    const rows = await rowsOf("target=flo-eve&action=auth.login_throttled");
    expect(rows.map(({ after }) => after.count).sort((a, b) => a - b)).toEqual([1, 49]);
  });

  it("knows accounts while Postgres is away", async () => {
    await createPerson("flo-away", "viewer");
    // Has the names read.
    await ringAfterMs(0);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11_000 });
    await throttled("flo-somebody", "203.0.113.204");
    vi.useRealTimers();
    await evictAuth();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    for (let index = 0; index < 20; index++) await throttled(`flo-away-${index}`, "203.0.113.205");
    await throttled("flo-away", "203.0.113.205");
    broken.mockRestore();
    await eventually(async () => {
      await runDurableObjectAlarm(auth);
      expect(await rowsOf("target=flo-away&action=auth.login_throttled")).toHaveLength(1);
    });
  });

  it("does not grow with the names that are made up", async () => {
    const flood = async (part: string) => {
      for (let index = 0; index < 300; index++) {
        await throttled(`flo-${part}-${index}-${"x".repeat(200)}`, `203.0.113.${220 + (index % 3)}`);
      }
    };
    await flood("first");
    const before = await bytesOf();
    await flood("second");
    expect(await bytesOf()).toBe(before);
  });

  it("tells them of real logins too", async () => {
    await newPerson("flo-real");
    const headers = from("203.0.113.206");
    for (let index = 0; index < 8; index++) await login("flo-real", "wrong", headers);
    await eventually(async () => {
      const rows = await rowsOf("target=flo-real&action=auth");
      expect(rows.map(({ action }) => action).sort()).toEqual(["auth.login_failed", "auth.login_throttled"]);
    });
    await ringAfterMs(61_000);
    expect(countOf(await rowsOf("target=flo-real&action=auth"))).toBe(8);
  });
});

describe("the audit of refused orchestrators", () => {
  it("has each address that tries an id, counts all, and survives a reset of its object", async () => {
    const id = "flo-known";
    await firstToken(id);
    const attempt = async (address: string) => {
      const headers = { ...bearer(newToken("agent", id).text), ...from(address) };
      expect((await upgrade("/ws", headers)).status).toBe(401);
    };
    for (let index = 0; index < 12; index++) await attempt("203.0.113.231");
    await attempt("203.0.113.232");
    await call("GET", `${INTERNAL}/health`, { bearer: newToken("agent", id).text, headers: from("203.0.113.233") });
    // What its object has counted and not told yet is in a row.
    const untold = await runInDurableObject(orchestratorStub(id), (_instance, state) =>
      state.storage.sql.exec("SELECT report FROM untold_refusals").toArray(),
    );
    expect(untold.length).toBeGreaterThan(0);
    await evictDurableObject(orchestratorStub(id));
    await eventually(async () => {
      await runDurableObjectAlarm(orchestratorStub(id));
      const rows = await rowsOf(`target=${id}&action=access.denied`);
      expect(new Set(rows.map(({ ip }) => ip))).toEqual(new Set(["203.0.113.231", "203.0.113.232", "203.0.113.233"]));
    });
    await ringAfterMs(61_000);
    expect(countOf(await rowsOf(`target=${id}&action=access.denied`))).toBe(14);
  });

  it("names the one that exists behind hundreds of ids that nobody knows", async () => {
    await register("flo-real-org");
    const shard = env.FLEET.getByName("flo-strangers") as unknown as FleetRpc;
    const at = Date.now();
    const report = (orchestratorId: string, organizationId: string | null, address: string) =>
      shard.refused([
        { orchestratorId, organizationId, address, reason: "wrong_token", count: 1, since: at, lastAt: at },
      ]);
    for (let index = 0; index < 200; index++) await report(`flo-made-up-${index}`, null, "203.0.113.241");
    await report("flo-real-org", "flo-real-org", "203.0.113.242");
    expect(await rowsOf("target=flo-real-org&action=access.denied")).toMatchObject([
      { ip: "203.0.113.242", organization_id: "flo-real-org", after: { count: 1 } },
    ]);
    await ringAfterMs(61_000);
    const noise = await rowsOf("q=203.0.113.241");
    expect(countOf(noise)).toBe(200);
    expect(noise.length).toBeLessThanOrEqual(7);
  });
});

describe("the log of requests", () => {
  it("says from which address each came", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "warn").mockImplementation((line: unknown) => lines.push(String(line)));
    await call("GET", `${CONTROLLER}/audit`, { bearer: "wrong", headers: from("203.0.113.250") });
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ message: "Request", status: 401, address: "203.0.113.250" }),
    );
  });
});

describe("the audit of calls that are not allowed", () => {
  it("counts those of somebody who is logged in under their name, in a few rows", async () => {
    const who = await sessionOf("viewer", null);
    for (let index = 0; index < 30; index++) {
      await call("GET", `${CONTROLLER}/audit`, { bearer: who, headers: from(`2001:db8:f11:${index}::1`) });
    }
    await ringAfterMs(61_000);
    const rows = (await rowsOf("action=access.denied")).filter(
      ({ ip, after }) =>
        ip?.startsWith("2001:db8:f11:") || after.addresses?.some((each) => each.startsWith("2001:db8:f11:")),
    );
    expect(countOf(rows)).toBe(30);
    expect(new Set(rows.map(({ actor }) => actor.split(":")[0]))).toEqual(new Set(["user"]));
    expect(rows.length).toBeLessThanOrEqual(12);
  });
});
