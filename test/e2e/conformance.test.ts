import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shortfalls, withoutEachField } from "../support/conformance.ts";
import type { Answer } from "../support/controller.ts";
import { eventually } from "../support/eventually.ts";
import { openApiValidator, type ResponseValidator } from "../support/openapi-validator.ts";
import { beat, openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** A route as one of the two documents shows it; `response` null: it is named there without a body. */
interface DocumentedRoute {
  document: "api-reference" | "high-level-design";
  method: string;
  path: string;
  request: unknown;
  response: { success?: boolean; message?: string } | null;
}

const routes: DocumentedRoute[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "data", "documented-routes.json"), "utf8"),
);
const LOGIN = { username: "superadmin", password: "moolai-dev" };

describe("what the documents promise", () => {
  let stack: Stack;
  let socket: RawClient;
  let validate: ResponseValidator;

  beforeAll(async () => {
    stack = await startStack({ secrets: { SECRETS_KEY: Buffer.alloc(32, "k").toString("base64") } });
    validate = openApiValidator((await stack.controller.call("GET", "/openapi.json")).body);
    socket = await openSession(`${stack.controller.wsUrl}/ws`, "org-002", {
      hostname: "acme-01",
      name: "Acme Organisation",
    });
    socket.send(beat());
    await eventually(async () => expect(await stack.instance("org-002")).toMatchObject({ status: "active" }));
    await stack.waitForLog("[C-OCS] Processing heartbeat from orchestrator org-002");
    await stack.register("org-003");
  });

  afterAll(async () => {
    socket?.kill();
    await stack?.stop();
  });

  async function call({ method, path, request }: DocumentedRoute): Promise<{ answer: Answer; id: string }> {
    const id = await prepare(method, path);
    const concrete = path.replace("{message_id}", () => id).replace(/\{\w+\}/, id);
    const body = path.endsWith("/auth/login") ? LOGIN : (request ?? undefined);
    const query = path.endsWith("/logs") ? "?q=heartbeat" : "";
    const answer = await stack.controller.call(method, concrete + query, body);
    expect(validate(method, path, answer.status, answer.body), `${method} ${path}`).toEqual([]);
    return { answer, id };
  }

  /** Whom a route is called for, so that no call spoils another's. */
  async function prepare(method: string, path: string): Promise<string> {
    if (method === "DELETE") {
      await stack.register("org-gone");
      return "org-gone";
    }
    if (path.includes("{message_id}")) return await newMessage();
    if (path.endsWith("/messages") && method === "GET") await newMessage();
    if (path.endsWith("/independence")) return "org-003";
    if (path.endsWith("/register")) return "org-005-r";
    return "org-002";
  }

  async function newMessage(): Promise<string> {
    const { body } = await stack.controller.call("POST", "/api/v1/internal/orchestrators/org-002/messages", {
      message_type: "recommendation",
      content: "Consider enabling caching",
      metadata: { severity: "medium", category: "performance" },
    });
    return String(body.message_id);
  }

  it("covers every route of both documents", () => {
    expect(routes.length).toBe(26);
  });

  // One after the other: they share what they create.
  for (const route of routes) {
    it(`${route.method} ${route.path} (${route.document})`, async () => {
      const { answer, id } = await call(route);
      expect(answer.status, answer.text).toBe(200);
      if (!route.response) return;
      expect(shortfalls(route.response, answer.body)).toEqual([]);
      // The texts of the high-level design are abridged.
      if (route.document !== "api-reference") return;
      expect(answer.body.success).toBe(true);
      if (route.response.message !== undefined) {
        const { org_id, orchestrator_id } = (route.request ?? {}) as Record<string, string>;
        const text = route.response.message.replaceAll(/org-\d+/g, orchestrator_id ?? org_id ?? id);
        expect(answer.body.message).toBe(text);
      }
    });
  }

  it("shows every message of the log as documented", async () => {
    for (const text of [
      "Organization org-005 created successfully",
      "Orchestrator instance org-gone created successfully",
      "Independence mode enabled for org-003",
      "Sent message to orchestrator org-002 (type: provision_config)",
      "Orchestrator org-gone disconnected",
    ]) {
      await stack.waitForLog(text);
    }
    const lines = await stack.logLines();
    expect(lines).toContainEqual(
      expect.stringMatching(/^Message msg_\S+ created for org-002 \(type: recommendation\)$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^Message msg_\S+ status updated to 'accepted'$/));
  });

  it("answers refusals as the OpenAPI document says", async () => {
    const refusals: [string, string, unknown?, string?][] = [
      [
        "GET",
        "/api/v1/controller/organizations/{organization_id}",
        undefined,
        "/api/v1/controller/organizations/nobody",
      ],
      ["POST", "/api/v1/controller/organizations", { org_id: "org-005" }],
      ["POST", "/api/v1/controller/organizations", {}],
    ];
    for (const [method, template, body, path = template] of refusals) {
      const answer = await stack.controller.call(method, path, body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(validate(method, template, answer.status, answer.body), `${method} ${path}`).toEqual([]);
    }
  });
});

describe("the comparison", () => {
  it.each(routes)("notices each field that $method $path would lack", ({ response }) => {
    for (const { path, body } of withoutEachField(response)) {
      expect(shortfalls(response, body)).toContain(`${path} is missing`);
    }
  });
});
