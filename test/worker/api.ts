import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { app } from "../../worker/app.ts";
import { pathMatcher } from "../support/path-templates.ts";

export const DEV_TOKEN = "fake-dev-token";
export const JSON_TYPE = { "Content-Type": "application/json" };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever shape the route answers with.
  body: any;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** null sends no credential. */
  bearer?: string | null;
  /** False: the answer alone is waited for, not what is done behind it. */
  waits?: boolean;
  /** Laid over the bindings. */
  env?: Partial<Record<keyof Cloudflare.Env, unknown>>;
}

/** One request to the application, in the isolate of the test. */
export async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { body, bearer = DEV_TOKEN } = options;
  const headers = {
    ...(bearer !== null && { Authorization: `Bearer ${bearer}` }),
    ...(body !== undefined && JSON_TYPE),
    ...options.headers,
  };
  const raw = typeof body === "string" || body instanceof ReadableStream ? body : JSON.stringify(body);
  const request = new Request(`https://controller.example${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: raw }),
  });
  const context = createExecutionContext();
  const bindings = { ...env, ...options.env } as Cloudflare.Env;
  const response = await app.fetch(request, bindings, context);
  if (options.waits !== false) await waitOnExecutionContext(context);
  // Response.text() would drop a byte order mark.
  const text = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(await response.arrayBuffer());
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  const parsed = isJson ? JSON.parse(text) : null;
  if (isJson) assertDescribed(method, path, response.status, parsed);
  return { status: response.status, headers: response.headers, text, body: parsed };
}

/** Every JSON answer is held against the declaration that `/openapi.json` is made from. */
function assertDescribed(method: string, path: string, status: number, body: unknown): void {
  const route = findRoute(path, (candidate) => candidate.method === method.toLowerCase());
  if (!route) return;
  const content = route.responses[status];
  const media = content && "content" in content ? content.content?.["application/json"] : undefined;
  const schema = media && "schema" in media ? media.schema : undefined;
  const parsed = schema && "safeParse" in schema ? schema.safeParse(body) : undefined;
  if (!parsed?.success) {
    const problems = parsed ? parsed.error.message : "this status is not described";
    throw new Error(`${method} ${path} → ${status} is not as described: ${problems}`);
  }
}

const findRoute = pathMatcher(
  app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === "route" ? [{ template: definition.route.path, value: definition.route }] : [],
  ),
);

export const INTERNAL = "/api/v1/internal";
export const CONTROLLER = "/api/v1/controller";

/** Registers an orchestrator or fails. */
export async function register(id: string, fields: Record<string, unknown> = {}): Promise<void> {
  const answer = await call("POST", `${INTERNAL}/orchestrators/register`, { body: { orchestrator_id: id, ...fields } });
  if (answer.status !== 200) throw new Error(`register ${id}: ${answer.status} ${answer.text}`);
}
