import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { DEV_SETTINGS, type RequestOptions } from "../support/controller.ts";
import { type ApiDocument, type FuzzRequest, KINDS, type KnownValues, requestsTo } from "../support/fuzz-requests.ts";
import { type Stack, startStack } from "../support/stack.ts";

// The same requests each time; another seed, or more of them, by hand.
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const RUNS_PER_KIND = Number(process.env.FUZZ_RUNS ?? 3);
const BUDGET_MS = 40_000;
/** So few that a busy machine answers each within the time that a database call may take. */
const PARALLEL = 4;
const CANARY = "canary-fuzz-6e1d";
const PASSWORD = "correct horse battery";
/** Whose token is used: nothing deletes it. */
const AGENT = "org-agent";
const SECRETS_KEY = Buffer.alloc(32, 9).toString("base64");
/** What a connection says that the other side has closed, while a body was read or written. */
const CLOSED = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];
const ENDING = /\/(logout|logout-all|end-sessions)$/;

/** What only the inside says: database objects and errors, stacks, paths. None of it is in a request. */
const INSIDE =
  /moolai_app|activity_logs|register_orchestrator|store_audit|syntax error at|relation \\?"|duplicate key|violates |invalid input|invalid byte|DrizzleQuery|PGlite|\bat .*\.[cm]?[jt]s:\d+|node_modules|\/worker\/[\w/-]+\.ts|file:\/\/|worker\/(?:db|routes|auth)/;

interface Seen {
  status: number;
  contentType: string;
  text: string;
}

/** What is wrong with an answer, whatever was asked; empty when nothing is. */
function problemsOf(seen: Seen, secrets: string[], databaseIsAway = false): string[] {
  const problems: string[] = [];
  if (seen.status >= 500 && !(databaseIsAway && seen.status === 503)) problems.push(`status ${seen.status}`);
  const inside = INSIDE.exec(seen.text);
  if (inside) problems.push(`shows "${inside[0]}"`);
  for (const secret of secrets) if (seen.text.includes(secret)) problems.push(`shows the secret ${secret}`);
  if (seen.status >= 400 && !isEnvelope(seen)) problems.push("is no error of the contract");
  return problems;
}

function isEnvelope({ contentType, text }: Seen): boolean {
  if (!contentType.startsWith("application/json")) return false;
  const { success, message, error } = JSON.parse(text);
  const { code, request_id: requestId, details } = error ?? {};
  return (
    success === false && [message, code, requestId].every((part) => typeof part === "string") && Array.isArray(details)
  );
}

describe("requests of every kind to every route", () => {
  let stack: Stack;
  let document: ApiDocument;
  let routes: string[];
  let known: KnownValues;
  let credentials: Record<string, string | null>;
  const counts = new Map<string, Map<number, number>>();

  beforeAll(async () => {
    stack = await startStack({ secrets: { SECRETS_KEY } });
    const { controller, database } = stack;
    document = (await controller.call("GET", "/openapi.json")).body as unknown as ApiDocument;
    routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const ok = async (method: string, path: string, body: object) => {
      const answer = await controller.call(method, path, body);
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.body;
    };
    const tokens: string[] = [];
    for (const id of ["org-a", "org-b", AGENT]) {
      const secret = { database_url: `postgresql://u:${CANARY}@db/x`, environment_variables: { KEY: CANARY } };
      const registration = { orchestrator_id: id, organization_id: id, name: id, ...secret };
      tokens.push(String((await ok("POST", "/api/v1/internal/orchestrators/register", registration)).agent_token));
    }
    const path = "/api/v1/internal/orchestrators/org-a/messages";
    const message = await ok("POST", path, { message_type: "recommendation", content: "x" });
    await ok("PUT", "/api/v1/controller/organizations/org-a/config", { settings: { limit: 1 } });
    const apiToken = await ok("POST", "/api/v1/controller/api-tokens", {
      name: "fuzz",
      scopes: ["read", "operate", "admin"],
    });
    const bound = [
      ["viewer", ["org-a"]],
      ["operator", ["org-a"]],
      ["admin", ["org-a"]],
    ] as const;
    const sessions: Record<string, string> = {};
    for (const [role, organizations] of bound) {
      await createUser(database, { username: role, role, organizations: [...organizations], password: PASSWORD });
      const login = { username: role, password: PASSWORD };
      sessions[role] = String((await ok("POST", "/api/v1/internal/auth/login", login)).user?.token);
    }
    credentials = {
      superadmin: DEV_SETTINGS.DEV_BEARER_TOKEN,
      ...sessions,
      program: String(apiToken.data?.api_token),
      agent: tokens[2] ?? "",
      stranger: "mct_wrong",
      nobody: null,
    };
    known = {
      organization_id: ["org-a", "org-b", "org-none"],
      org_id: ["org-a", "org-b"],
      orchestrator_id: ["org-a", "org-b", "org-none"],
      message_id: [String(message.message_id)],
      ids: ["org-a,org-b"],
      organization_ids: ["org-a", "org-a,org-b"],
      user_id: [crypto.randomUUID()],
      revision: ["1"],
      username: ["viewer", "somebody"],
      role: ["viewer", "operator", "admin"],
    };
  });

  afterAll(() => stack?.stop());

  const secrets = () => [CANARY, SECRETS_KEY, DEV_SETTINGS.DEV_BEARER_TOKEN, DEV_SETTINGS.DEV_ADMIN_PASSWORD, PASSWORD];

  /**
   * Once more on another connection when this one was just being closed, which a refused body may do to the next request.
   * A runtime that is gone refuses every attempt.
   */
  async function ask(path: string, init: RequestOptions, attempts = 3): Promise<Response> {
    try {
      return await stack.controller.fetch(path, init);
    } catch (error) {
      const cause: unknown = error instanceof Error ? error.cause : null;
      const code: unknown = cause instanceof Error ? Reflect.get(cause, "code") : null;
      if (attempts === 1 || !CLOSED.includes(String(code))) throw error;
      return await ask(path, init, attempts - 1);
    }
  }

  async function problemsWith(request: FuzzRequest, who: string, databaseIsAway = false): Promise<string[]> {
    const { method, path, headers, body } = request;
    const init = { method, headers, bearer: credentials[who] ?? null, ...(body !== undefined && { body }) };
    try {
      // Holds the body against /openapi.json, too.
      const response = await ask(path, init);
      const seen = {
        status: response.status,
        contentType: response.headers.get("Content-Type") ?? "",
        text: (await response.text()) + JSON.stringify([...response.headers]),
      };
      for (const name of [request.kind, `as ${who}`]) {
        const statuses = counts.get(name) ?? new Map<number, number>();
        counts.set(name, statuses.set(seen.status, (statuses.get(seen.status) ?? 0) + 1));
      }
      const envelope = { ...seen, text: seen.text.slice(0, seen.text.lastIndexOf("[[")) };
      return [...problemsOf({ ...seen, text: envelope.text }, secrets(), databaseIsAway), ...headerProblems(response)];
    } catch (error) {
      return [error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error)];
    }
  }

  function headerProblems({ headers }: Response): string[] {
    const names = ["set-cookie", "x-injected"].filter((name) => headers.get(name)?.includes("a=b"));
    return names.map((name) => `has the header ${name}`);
  }

  function planned(runs: number): { request: FuzzRequest; who: string }[] {
    const people = Object.keys(credentials);
    return routes.flatMap((route, index) => {
      const seed = SEED + index;
      // Whoever ends sessions would be nobody from then on.
      const allowed = ENDING.test(route) ? ["stranger", "nobody"] : people;
      const ids = route.startsWith("DELETE") ? known : { ...known, orchestrator_id: ["org-a", "org-none", AGENT] };
      const requests = requestsTo(document, route, ids, { seed, runs });
      const who = fc.sample(fc.constantFrom("superadmin", ...allowed), { seed, numRuns: requests.length });
      return requests.map((request, run) => ({ request, who: who[run] ?? "nobody" }));
    });
  }

  async function send(plan: { request: FuzzRequest; who: string }[], databaseIsAway = false): Promise<string[]> {
    const endsAt = Date.now() + BUDGET_MS;
    const failures: string[] = [];
    let next = 0;
    const work = async () => {
      for (let turn = plan[next++]; turn !== undefined && Date.now() < endsAt; turn = plan[next++]) {
        const problems = await problemsWith(turn.request, turn.who, databaseIsAway);
        if (problems.length > 0)
          failures.push(
            `${problems.join("; ").slice(0, 600)}\n  ${turn.who}: ${JSON.stringify(turn.request).slice(0, 600)}`,
          );
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    return failures;
  }

  /** Spread over all routes, so that a slow machine leaves out repetitions and no route. */
  function shuffled<T>(items: T[]): T[] {
    return fc.sample(fc.shuffledSubarray(items, { minLength: items.length }), { seed: SEED, numRuns: 1 })[0] ?? items;
  }

  it("are answered as described, and with nothing of the inside", async () => {
    const startedAt = Date.now();
    const plan = shuffled(planned(RUNS_PER_KIND));
    const plannedMs = Date.now() - startedAt;
    const failures = await send(plan);
    const table = [...counts].map(([kind, statuses]) => {
      const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0);
      const split = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}×${count}`);
      return `${kind}: ${sent} (${split.join(" ")})`;
    });
    const ofKinds = KINDS.flatMap((kind) => [...(counts.get(kind)?.values() ?? [])]);
    const total = ofKinds.reduce((sum, count) => sum + count, 0);
    console.log(
      `seed ${SEED}: ${total} of ${plan.length} requests to ${routes.length} routes, planned in ${plannedMs} ms\n${table.join("\n")}`,
    );
    expect(failures, `seed ${SEED}`).toEqual([]);
    // Every kind, every caller and refusals of every sort: otherwise it proves little.
    expect(table).toHaveLength(KINDS.length + Object.keys(credentials).length);
    const statuses = new Set([...counts.values()].flatMap((ofKind) => [...ofKind.keys()]));
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405, 413, 415, 422]));
    expect(total).toBeGreaterThan(routes.length * 4);
  }, 120_000);

  it("are answered as described while the database is away, where 503 is", async () => {
    await stack.database.pause();
    try {
      expect(await send(shuffled(planned(1)).slice(0, 400), true)).toEqual([]);
    } finally {
      await stack.database.resume();
    }
  }, 120_000);

  it("leave no error in the log", async () => {
    const errors = stack.controller
      .getLogs()
      .filter(({ message }) => /internal_error|[Uu]ncaught|[Uu]nhandled/.test(message));
    expect(errors).toEqual([]);
    expect((await stack.controller.call("GET", "/api/v1/controller/health")).status).toBe(200);
  });
});

describe("the judgement", () => {
  const contentType = "application/json";
  const error = { code: "internal_error", request_id: "x", details: [] };
  const envelope = (message: string) => JSON.stringify({ success: false, message, error });

  it.each([
    ["a 500", { status: 500, text: envelope("Internal error") }],
    ["a 503 without an outage", { status: 503, text: envelope("away") }],
    ["SQL", { status: 422, text: envelope('relation "users" does not exist') }],
    ["a stack", { status: 404, text: envelope("Error\n    at handle (worker.js:10:3)") }],
    ["a path", { status: 404, text: envelope("/home/moolai/worker/app.ts") }],
    ["a canary", { status: 200, text: `{"success":true,"x":"${CANARY}"}` }],
    ["an error that is none of the contract", { status: 404, text: '{"detail":"Not Found"}' }],
  ])("finds %s", (_, seen) => {
    expect(problemsOf({ contentType, ...seen }, [CANARY])).toHaveLength(1);
  });

  it("finds a refusal that is no JSON, and nothing in a good answer", () => {
    expect(problemsOf({ status: 400, contentType: "text/plain", text: "Bad Request" }, [])).toHaveLength(1);
    expect(problemsOf({ status: 404, contentType, text: envelope("Organization x not found") }, [CANARY])).toEqual([]);
    expect(problemsOf({ status: 503, contentType, text: envelope("away") }, [], true)).toEqual([]);
  });
});
