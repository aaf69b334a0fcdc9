import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call } from "./api.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };
const auth = env.AUTH.getByName("auth");

afterEach(() => {
  vi.restoreAllMocks();
});

const deniedFrom = async (address: string) => {
  const { items } = (await call("GET", `${CONTROLLER}/audit?page_size=100&action=access.denied&q=${address}`)).body
    .data;
  return items as { target_id: string; user_agent: string | null }[];
};

/** A refusal on its way to Postgres. */
function denial(ip: string, action = "access.denied") {
  const target = { targetType: "route", targetId: "GET /", organizationId: null };
  return {
    id: crypto.randomUUID(),
    at: Date.now(),
    action,
    ...target,
    before: null,
    after: null,
    context: { ...AUDIT, ip },
  };
}

describe("an audit row that Postgres does not take as it is", () => {
  it.each([
    ["a NUL in the path", "203.0.113.101", `${CONTROLLER}/orchestrators/a%00b`, {}],
    [
      "half a character at the end of the path",
      "203.0.113.102",
      `${CONTROLLER}/orchestrators/${"a".repeat(217)}%F0%9F%98%80`,
      {},
    ],
    [
      "half a character at the end of the user agent",
      "203.0.113.103",
      `${CONTROLLER}/audit`,
      { "User-Agent": `${"a".repeat(511)}😀` },
    ],
  ])("does not end the audit of refusals: %s", async (_what, address, path, headers) => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const answer = await call("GET", path, { bearer: null, headers: { ...headers, "CF-Connecting-IP": address } });
    expect(answer.status).toBe(401);
    await eventually(async () => {
      await runDurableObjectAlarm(auth);
      expect(await deniedFrom(address)).toHaveLength(1);
    });
  });

  it("does not keep the refusals behind it from the audit", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const entries = [denial("203.0.113.104", `access.${"x".repeat(100)}`), denial("203.0.113.105")];
    await runInDurableObject(auth as unknown as DurableObjectStub<undefined>, async (_instance, state) => {
      for (const each of entries) state.storage.sql.exec("INSERT INTO audit (entry) VALUES (?)", JSON.stringify(each));
      await state.storage.setAlarm(Date.now());
    });
    await eventually(async () => {
      await runDurableObjectAlarm(auth);
      expect(await deniedFrom("203.0.113.105")).toHaveLength(1);
    });
    expect(logged.mock.calls.flat().join("\n")).toContain("Postgres rejected an audit row");
  });

  it("reaches the audit after a reset in the middle of a delivery", async () => {
    await runInDurableObject(auth as unknown as DurableObjectStub<undefined>, async (_instance, state) => {
      state.storage.sql.exec("INSERT INTO audit (entry) VALUES (?)", JSON.stringify(denial("203.0.113.106")));
      await state.storage.deleteAlarm();
    });
    await evictDurableObject(auth as unknown as DurableObjectStub<undefined>);
    // Whatever wakes the object arms the alarm.
    await auth.session("nobody's");
    await eventually(async () => {
      await runDurableObjectAlarm(auth);
      expect(await deniedFrom("203.0.113.106")).toHaveLength(1);
    });
  });
});

describe("a name of a user", () => {
  it("leaves room for what stands before it in the audit", async () => {
    const create = (username: string) => call("POST", `${CONTROLLER}/users`, { body: { username, role: "viewer" } });
    expect((await create("u".repeat(251))).status).toBe(422);
    expect((await create("u".repeat(250))).status).toBe(200);
  });
});
