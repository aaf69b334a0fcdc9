import { env } from "cloudflare:workers";
import { eq, sql } from "drizzle-orm";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { orchestratorInstances } from "../../worker/db/schema.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { statementOf } from "./statements.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const refusal = (code: string) => ({
  success: false,
  message: expect.stringMatching(/./),
  error: { code, request_id: expect.stringMatching(/^[0-9a-f-]{36}$/), details: expect.any(Array) },
});

describe("every answer", () => {
  it("carries its request id and the security headers", async () => {
    const answer = await call("GET", `${CONTROLLER}/nothing`);
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual(refusal("not_found"));
    expect(answer.headers.get("X-Request-Id")).toBe(answer.body.error.request_id);
    expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.headers.get("X-Moolai-Mode")).toBe("development");
  });

  it.each([
    ["POST", "/docs", 405],
    ["POST", "/ws", 405],
    ["DELETE", "/ws/org-1", 405],
    ["GET", "/api", 404],
    ["GET", "/ws", 426],
  ])("carries them outside the API as well (%s %s)", async (method, path, status) => {
    const answer = await call(method, path, { bearer: null });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("X-Request-Id")).toBe(answer.body.error.request_id);
    expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  it("says of an unknown path that there is nothing", async () => {
    expect((await call("GET", `${CONTROLLER}/nothing`)).body.message).toBe("There is nothing at this path.");
  });

  it("allows a page its own scripts and nothing inline", async () => {
    const { headers, text } = await call("GET", "/docs", { bearer: null });
    const policy = headers.get("Content-Security-Policy");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(text).not.toMatch(/<script>|style=|onload=/);
  });

  it("names the allowed methods of a known path", async () => {
    const answer = await call("PATCH", `${INTERNAL}/orchestrators/org-1/independence`);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD, PUT");
  });

  it("has no CORS headers unless an origin is allowed", async () => {
    const headers = { Origin: "https://dashboard.example" };
    const path = `${INTERNAL}/auth/me`;
    expect((await call("GET", path, { headers })).headers.has("Access-Control-Allow-Origin")).toBe(false);
    const allowed = await call("GET", path, { headers, env: { ALLOWED_ORIGINS: "https://dashboard.example" } });
    expect(allowed.headers.get("Access-Control-Allow-Origin")).toBe("https://dashboard.example");
    const refused = await call("GET", path, { headers, env: { ALLOWED_ORIGINS: "https://dashboard" } });
    expect(refused.headers.has("Access-Control-Allow-Origin")).toBe(false);
  });
});

describe("a body", () => {
  const stream = (bytes: number) =>
    new ReadableStream({
      start(controller) {
        const chunk = new Uint8Array(16 * 1024).fill(0x20);
        for (let sent = 0; sent < bytes; sent += chunk.byteLength) controller.enqueue(chunk);
        controller.close();
      },
    });

  it("is counted while it streams in", async () => {
    const path = `${INTERNAL}/auth/login`;
    expect((await call("POST", path, { body: stream(80 * 1024), bearer: null })).body).toEqual(
      refusal("payload_too_large"),
    );
    expect((await call("POST", path, { body: stream(32 * 1024), bearer: null })).body).toEqual(refusal("invalid_json"));
  });

  it("may be larger where an orchestrator registers", async () => {
    const features = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, "x".repeat(8_000)]));
    await register("org-large", { features });
    const answer = await call("POST", `${INTERNAL}/orchestrators/register`, { body: stream(1100 * 1024) });
    expect(answer.status).toBe(413);
  });

  it("is not looked at before the caller is known", async () => {
    const path = `${INTERNAL}/orchestrators/org-1/independence`;
    expect((await call("PUT", path, { body: "{", bearer: "wrong" })).status).toBe(401);
  });

  it("tells each field that is wrong", async () => {
    const body = { orchestrator_id: "-", organization_id: {}, name: "x".repeat(300) };
    const answer = await call("POST", `${INTERNAL}/orchestrators/register`, { body });
    expect(answer.status).toBe(422);
    const paths = answer.body.error.details.map((detail: { path: string }) => detail.path);
    expect(paths.sort()).toEqual(["/body/orchestrator_id", "/body/organization_id"]);
  });
});

describe("what fails inside", () => {
  const orchestrator = (error: Error) => ({
    ORCHESTRATOR: { getByName: () => ({ describe: () => Promise.reject(error) }) },
  });
  const path = `${INTERNAL}/orchestrators/org-1/independence`;

  it("is 503 while an object is overloaded or restarting", async () => {
    for (const mark of ["overloaded", "retryable", "durableObjectReset"]) {
      const answer = await call("GET", path, { env: orchestrator(Object.assign(new Error("busy"), { [mark]: true })) });
      expect(answer.status).toBe(503);
      expect(answer.body).toEqual(refusal("overloaded"));
      expect(answer.headers.get("Retry-After")).toBe("5");
    }
  });

  it("is 500 otherwise, logged and not shown", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = await call("GET", path, { env: orchestrator(new Error("select * from secrets")) });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("select");
    const lines = logged.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines).toContainEqual(
      expect.objectContaining({
        code: "internal_error",
        errors: ["Error: select * from secrets"],
        request_id: answer.body.error.request_id,
      }),
    );
  });

  it("is 503 with a wrong setting, which only the log names", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = await call("GET", `${INTERNAL}/auth/me`, { env: { FLEET_SHARDS: "many" } });
    expect(answer.status).toBe(503);
    expect(answer.body).toEqual(refusal("config_error"));
    expect(answer.text).not.toContain("FLEET_SHARDS");
    expect(logged.mock.calls.flat().join("\n")).toContain("FLEET_SHARDS");
  });

  it("is 503 without the database, but not where none is needed", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const { body } = await call("GET", `${CONTROLLER}/organizations`);
    const { error, ...rest } = refusal("database_unavailable");
    expect(body).toEqual({ ...rest, error: { ...error, accepted: false } });
    expect((await call("GET", `${CONTROLLER}/orchestrators/live`)).status).toBe(200);
    expect((await call("GET", `${INTERNAL}/logs`)).status).toBe(200);
    const health = await call("GET", `${CONTROLLER}/health`);
    expect(health.status).toBe(200);
    expect(health.body).toMatchObject({ status: "degraded", database: "down", timestamp: expect.any(String) });
  });
});

describe("lists", () => {
  beforeAll(async () => {
    for (let index = 0; index < 12; index++) {
      await register(`page-${String(index).padStart(2, "0")}`, {
        organization_id: index < 6 ? "page_org" : "pageXorg",
        name: `Paging ${index}%`,
      });
    }
  });

  const ids = (answer: { body: { data: { items: { orchestrator_id: string }[] } } }) =>
    answer.body.data.items.map((item) => item.orchestrator_id);

  it("are paged, newest first", async () => {
    const first = await call("GET", `${CONTROLLER}/orchestrators?q=page-&page_size=5`);
    expect(ids(first)).toEqual(["page-11", "page-10", "page-09", "page-08", "page-07"]);
    expect(first.body.data).toMatchObject({
      page: 1,
      page_size: 5,
      total_items: 12,
      total: 12,
      total_pages: 3,
      has_next: true,
      has_prev: false,
    });
    const last = await call("GET", `${CONTROLLER}/orchestrators?q=page-&page_size=5&page=3`);
    expect(ids(last)).toEqual(["page-01", "page-00"]);
    const beyond = await call("GET", `${CONTROLLER}/orchestrators?q=page-&page=1000000`);
    expect(beyond.body.data).toMatchObject({ items: [], total_items: 12 });
  });

  it("ask Postgres once for each request", async () => {
    const fetches = vi.spyOn(globalThis, "fetch");
    // But for what the shard writes behind.
    const asked = () => fetches.mock.calls.filter((request) => !statementOf(request).includes("apply_presence")).length;
    await call("GET", `${CONTROLLER}/orchestrators`);
    expect(asked()).toBe(1);
    await call("GET", `${CONTROLLER}/organizations`);
    expect(asked()).toBe(2);
    await call("GET", `${CONTROLLER}/orchestrators/live`);
    expect(asked()).toBe(2);
  });

  it("are filtered, with wildcards taken literally", async () => {
    const byOrganization = await call("GET", `${CONTROLLER}/orchestrators?organization_id=page_org`);
    expect(byOrganization.body.data.total).toBe(6);
    const literal = await call("GET", `${CONTROLLER}/organizations?q=page_`);
    expect(literal.body.data.items).toEqual([expect.objectContaining({ organization_id: "page_org" })]);
    expect((await call("GET", `${CONTROLLER}/orchestrators?q=1%25`)).body.data.total).toBe(2);
    expect((await call("GET", `${CONTROLLER}/orchestrators?q=page-&status=active`)).body.data.total).toBe(0);
    expect((await call("GET", `${CONTROLLER}/orchestrators?q=page-&status=inactive`)).body.data.total).toBe(12);
  });

  it("refuse a repeated parameter and drop an unknown one", async () => {
    const repeated = await call("GET", `${CONTROLLER}/orchestrators?page=1&page=2`);
    expect(repeated.body).toEqual(refusal("validation_failed"));
    expect((await call("GET", `${CONTROLLER}/orchestrators?unknown=1`)).status).toBe(200);
  });

  it("show presence that Postgres does not have yet", async () => {
    const put = `${INTERNAL}/orchestrators/page-03/independence`;
    expect((await call("PUT", put, { body: { is_independent: true } })).status).toBe(200);
    const { body } = await call("GET", `${CONTROLLER}/orchestrators?q=page-03`);
    expect(body.data.items[0]).toMatchObject({ status: "independent", is_independent: true, connected: false });
  });
});

describe("secrets of a registration", () => {
  it("are not stored and never given back, only that they are set", async () => {
    const id = "org-secret";
    await register(id, {
      database_url: "postgresql://user:hunter2@db/x",
      environment_variables: { API_KEY: "hunter2", "password=hunter2": 1 },
    });
    const [row] = await database(env)
      .select()
      .from(orchestratorInstances)
      .where(eq(orchestratorInstances.orchestratorId, id));
    expect(row).toMatchObject({
      databaseUrl: "set",
      redisUrl: null,
      environmentVariables: { API_KEY: "set", "password=…": "set" },
    });
    const seen = [
      await call("GET", `${CONTROLLER}/orchestrators/${id}`),
      await call("GET", `${CONTROLLER}/orchestrators?q=${id}`),
      await call("GET", `${CONTROLLER}/orchestrators/${id}/activity`),
      await call("GET", `${INTERNAL}/logs?limit=1000`),
    ];
    expect(seen.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(seen.map((answer) => answer.text).join()).not.toContain("hunter2");
    expect(seen[0]?.body.data).toMatchObject({
      database_url_set: true,
      redis_url_set: false,
      environment_variable_names: ["API_KEY", "password=…"],
    });
    // What is not given again stays as it is.
    await register(id, { redis_url: "redis://:hunter2@redis/0" });
    expect((await call("GET", `${CONTROLLER}/orchestrators/${id}`)).body.data).toMatchObject({
      database_url_set: true,
      redis_url_set: true,
      environment_variable_names: ["API_KEY", "password=…"],
    });
  });

  it("are cut down by the database as well, because an older Worker still sends them", async () => {
    const sent = {
      orchestrator_id: "org-sent-by-older",
      organization_id: "org-sent-by-older",
      generation: 1,
      source: "rest",
      accepted_at: 1,
      fields: { database_url: "enc:v1:0", environment_variables: { A: "enc:v1:1" } },
    };
    await database(env).execute(sql`SELECT register_orchestrator(${JSON.stringify(sent)}::jsonb)`);
    const rows = await database(env).execute(
      sql`SELECT database_url, redis_url, environment_variables FROM orchestrator_instances WHERE orchestrator_id = ${sent.orchestrator_id}`,
    );
    expect(rows.rows).toEqual([{ database_url: "set", redis_url: null, environment_variables: { A: "set" } }]);
  });
});

describe("the documented answers", () => {
  it("of registration", async () => {
    const path = `${INTERNAL}/orchestrators/register`;
    const { body } = await call("POST", path, { body: { organization_id: "org-doc", name: "Acme" }, bearer: null });
    expect(body).toMatchObject({
      success: true,
      message: "Orchestrator instance registered (inactive until connection)",
      orchestrator_id: "org-doc",
      organization_id: "org-doc",
      organization_name: "Acme",
      status: "inactive",
      created: true,
    });
    const taken = { orchestrator_id: "org-doc", organization_id: "org-other" };
    expect((await call("POST", path, { body: taken })).body).toEqual(refusal("already_exists"));
  });

  it("of independence, where an absent privacy mode stays as it is", async () => {
    await register("org-free");
    const path = `${INTERNAL}/orchestrators/org-free/independence`;
    await call("PUT", path, { body: { is_independent: false, privacy_mode: true } });
    const on = await call("PUT", path, { body: { is_independent: true } });
    expect(on.body).toMatchObject({
      success: true,
      message: "Independence mode updated successfully",
      orchestrator_id: "org-free",
      is_independent: true,
      privacy_mode: true,
    });
    expect((await call("GET", path)).body).toMatchObject({ is_independent: true, privacy_mode: true });
  });

  it("of heartbeats and deregistration", async () => {
    await register("org-beat");
    const beat = { orchestrator_id: "org-beat", status: "active", health_status: "degraded" };
    const heartbeat = await call("POST", `${INTERNAL}/orchestrators/heartbeat`, { body: beat, bearer: null });
    expect(heartbeat.body).toMatchObject({
      success: true,
      status: "active",
      health_status: "degraded",
      ignored: false,
    });
    const gone = await call("DELETE", `${INTERNAL}/orchestrators/org-beat/deregister`);
    expect(gone.body).toMatchObject({ success: true, message: "Orchestrator org-beat deregistered successfully" });
    expect((await call("DELETE", `${CONTROLLER}/orchestrator-instances/org-beat`)).status).toBe(404);
    expect((await call("POST", `${INTERNAL}/orchestrators/heartbeat`, { body: beat })).status).toBe(404);
    expect((await call("GET", `${CONTROLLER}/organizations/org-beat`)).status).toBe(404);
  });

  it("of logs, in both spellings", async () => {
    await register("org-logged");
    const { body } = await call("GET", `${INTERNAL}/logs?limit=1`);
    expect(body.logs).toHaveLength(1);
    expect(body.data).toEqual({ items: body.logs, total: body.total_count });
    expect(body.logs[0]).toMatchObject({ timestamp: expect.stringMatching(/Z$/), level: expect.any(String) });
  });

  it("of health, for orchestrators too", async () => {
    const answer = await call("GET", `${INTERNAL}/health`, { bearer: null });
    expect(answer.body).toMatchObject({ success: true, ws: { status: "down", active_connections: 0 } });
  });
});
