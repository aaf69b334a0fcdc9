import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Auth } from "../../worker/auth/auth.ts";
import { database } from "../../worker/db/client.ts";
import { users } from "../../worker/db/schema.ts";
import { hashPassword } from "../../worker/platform/passwords.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { sessionOf } from "./session.ts";

const AUDIT = `${CONTROLLER}/audit`;
const LOGIN = `${INTERNAL}/auth/login`;
const auth = env.AUTH.getByName("auth");

afterEach(() => {
  vi.restoreAllMocks();
});

const entries = async (query: string) => (await call("GET", `${AUDIT}?page_size=100&${query}`)).body.data.items;
const from = (address: string) => ({ "CF-Connecting-IP": address });

describe("the audit", () => {
  it("tells of changes, with actor, request and organization", async () => {
    await register("aud-a", { organization_id: "aud-org" });
    await call("PUT", `${CONTROLLER}/organizations/aud-org/features`, { body: { features: { cache: true } } });
    const [published] = await entries("action=config.publish&target=aud-org");
    expect(published).toMatchObject({
      actor: "user:development",
      target_type: "organization",
      organization_id: "aud-org",
      before: { revision: 0, features: {} },
      after: { revision: 1, features: { cache: true } },
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await entries("action=orchestrator&organization_id=aud-org")).toEqual([
      expect.objectContaining({ action: "orchestrator.register", target_id: "aud-a" }),
    ]);
    expect(await entries("action=config.publish&target=aud-org&actor=nobody")).toEqual([]);
    expect(await entries("target=aud-org&to=2020-01-01")).toEqual([]);
    expect((await entries("target=aud-org&from=2020-01-01T00:00:00Z")).length).toBeGreaterThan(0);
    expect((await call("GET", `${AUDIT}?from=yesterday`)).status).toBe(422);
  });

  it("tells what a published configuration replaced, key by key", async () => {
    await register("aud-before", { organization_id: "aud-before-org" });
    const path = `${CONTROLLER}/organizations/aud-before-org`;
    const publish = async (kind: "features" | "config", body: object) => {
      expect((await call("PUT", `${path}/${kind}`, { body })).status).toBe(200);
    };
    await publish("features", { features: { cache: { enabled: true }, firewall: true } });
    await publish("config", { settings: { region: "eu", limit: 5 } });
    await publish("features", { features: { cache: { enabled: false }, firewall: true, new: 1 } });
    await publish("config", { features: { cache: { enabled: false } }, settings: { region: "eu", limit: 6 } });
    const changes = (await entries("action=config.publish&target=aud-before-org")).map(
      ({ before, after }: { before: unknown; after: unknown }) => ({ before, after }),
    );
    expect(changes).toEqual([
      {
        before: { revision: 3, features: { firewall: true, new: 1 }, settings: { limit: 5 } },
        after: { revision: 4, features: {}, settings: { limit: 6 } },
      },
      {
        before: { revision: 2, features: { cache: { enabled: true } } },
        after: { revision: 3, features: { cache: { enabled: false }, new: 1 } },
      },
      { before: { revision: 1, settings: {} }, after: { revision: 2, settings: { region: "eu", limit: 5 } } },
      {
        before: { revision: 0, features: {} },
        after: { revision: 1, features: { cache: { enabled: true }, firewall: true } },
      },
    ]);
    expect(
      (await call("PUT", `${CONTROLLER}/organizations/aud-nobody/features`, { body: { features: {} } })).status,
    ).toBe(404);
  });

  it("folds a flood of equal refusals into two rows", async () => {
    const headers = from("198.51.100.7");
    for (let index = 0; index < 25; index++) await call("GET", `${INTERNAL}/messages`, { bearer: "wrong", headers });
    const ofAddress = async () => {
      const rows: { after: unknown; target_id: string }[] = await entries("action=access.denied&q=198.51.100.7");
      return rows;
    };
    await eventually(async () => expect(await ofAddress()).toHaveLength(1));
    expect((await ofAddress())[0]).toMatchObject({
      after: { code: "unauthorized", count: 1 },
      target_id: `GET ${INTERNAL}/messages`,
    });
    const start = Date.now();
    await runInDurableObject(auth as unknown as DurableObjectStub<Auth>, async (instance) => {
      vi.spyOn(Date, "now").mockReturnValue(start + 61_000);
      await instance.alarm();
      vi.restoreAllMocks();
    });
    expect((await ofAddress()).map((row) => row.after)).toContainEqual({ code: "unauthorized", count: 24 });
  });

  it("keeps what Postgres cannot take, and never holds an answer up", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const broken = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const headers = from("198.51.100.8");
    expect((await call("GET", AUDIT, { bearer: "wrong", headers })).status).toBe(401);
    broken.mockRestore();
    await runDurableObjectAlarm(auth);
    expect(await entries("action=access.denied&q=198.51.100.8")).toHaveLength(1);
  });

  it("shows an admin of organizations those alone, and no one less anything", async () => {
    await register("aud-b");
    const bearer = await sessionOf("admin", ["aud-b"]);
    const { items } = (await call("GET", AUDIT, { bearer })).body.data;
    expect(new Set(items.map((row: { organization_id: string }) => row.organization_id))).toEqual(new Set(["aud-b"]));
    expect((await call("GET", AUDIT, { bearer: await sessionOf("operator", null) })).status).toBe(403);
  });

  it("is exported as CSV that no spreadsheet runs", async () => {
    await register("aud-csv");
    const headers = { "User-Agent": '=HYPERLINK("http://evil.example","x")' };
    await call("PUT", `${CONTROLLER}/organizations/aud-csv/features`, { body: { features: { a: 1 } }, headers });
    const answer = await call("GET", `${AUDIT}?format=csv&target=aud-csv&action=config`);
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/csv/);
    const [head, row, end, rest] = answer.text.split("\r\n");
    expect(head).toMatch(/^\ufeffat,actor,action,target_type/);
    expect(row).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")"`);
    expect(row).toContain('"{""features"":{""a"":1},""revision"":1}"');
    expect(end).toBe(`# complete: 1 of 1 rows${",".repeat(11)}`);
    expect(rest).toBe("");
  });
});

describe("users", () => {
  const password = "correct horse battery";
  const organizations = ["usr-org"];

  async function insertUser(username: string): Promise<void> {
    const passwordHash = await hashPassword(password);
    await database(env).insert(users).values({ username, passwordHash, role: "operator", organizations });
  }

  const login = (username: string, secret: string, headers: Record<string, string>) =>
    call("POST", LOGIN, { body: { username, password: secret }, bearer: null, headers });

  it("log in by their password alone, whatever the case of the name", async () => {
    await insertUser("ada");
    const headers = from("198.51.100.9");
    expect((await login("ada", "wrong", headers)).status).toBe(401);
    const { status, body } = await login(" ADA", password, headers);
    expect(status).toBe(200);
    expect(body.user).toMatchObject({ username: "ada", role: "operator" });
    const me = await call("GET", `${INTERNAL}/auth/me`, { bearer: body.user.token });
    expect(me.body.user.organizations).toEqual(organizations);
    await call("POST", `${INTERNAL}/auth/logout`, { bearer: body.user.token });
    await eventually(async () => {
      const rows: { action: string }[] = await entries("target=ada&action=auth");
      expect(rows.map((row) => row.action).toSorted()).toEqual(["auth.login", "auth.login_failed", "auth.logout"]);
    });
    await database(env).update(users).set({ isActive: false }).where(eq(users.username, "ada"));
    expect((await login("ada", password, headers)).status).toBe(401);
  });

  it("are listed without their hashes", async () => {
    await insertUser("listed");
    expect((await login("listed", password, from("198.51.100.10"))).status).toBe(200);
    const answer = await call("GET", `${CONTROLLER}/users?q=liste`);
    expect(answer.body.data.items).toEqual([
      expect.objectContaining({ username: "listed", role: "operator", last_login: expect.any(String) }),
    ]);
    expect(answer.text).not.toContain("scrypt");
    const bound = await sessionOf("admin", ["other-org"]);
    expect((await call("GET", `${CONTROLLER}/users`, { bearer: bound })).body.data.total).toBe(0);
    expect((await call("GET", `${CONTROLLER}/users`, { bearer: await sessionOf("viewer", null) })).status).toBe(403);
  });
});

describe("creating", () => {
  it("an organization, and several orchestrators in it", async () => {
    const body = {
      org_id: "new-org",
      name: "New Organization",
      location: "us-west-2",
      features: { a: 1 },
      metadata: {},
    };
    expect((await call("POST", `${CONTROLLER}/organizations`, { body })).body).toEqual({
      success: true,
      message: "Organization new-org created successfully",
      data: { organization_id: "new-org", name: "New Organization", location: "us-west-2", is_active: true },
    });
    expect((await call("POST", `${CONTROLLER}/organizations`, { body })).status).toBe(409);
    const config = await call("GET", `${CONTROLLER}/organizations/new-org/config`);
    expect(config.body.data).toMatchObject({ features: { a: 1 }, revision: 1, orchestrators: [] });
    for (const orchestrator_id of ["new-1", "new-2"]) {
      const made = await call("POST", `${CONTROLLER}/orchestrator-instances`, {
        body: { orchestrator_id, org_id: "new-org", location: "us-west-2" },
      });
      expect(made.body.data).toMatchObject({
        orchestrator_id,
        organization_id: "new-org",
        organization_name: "New Organization",
        status: "inactive",
      });
    }
    const again = { orchestrator_id: "new-1", org_id: "new-org" };
    expect((await call("POST", `${CONTROLLER}/orchestrator-instances`, { body: again })).status).toBe(409);
    expect((await call("GET", `${CONTROLLER}/orchestrators?organization_id=new-org`)).body.data.total).toBe(2);
  });

  it("an instance of an organization of its own", async () => {
    const body = { org_id: "new-solo", name: "New Orchestrator", location: "us-west-2", features: {}, metadata: {} };
    const { body: answer } = await call("POST", `${CONTROLLER}/orchestrator-instances`, { body });
    expect(answer).toMatchObject({
      message: "Orchestrator instance new-solo created successfully",
      data: {
        orchestrator_id: "new-solo",
        organization_name: "New Orchestrator",
        location: "us-west-2",
        status: "inactive",
        is_independent: false,
        privacy_mode: false,
      },
    });
  });
});
