import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { app } from "../../worker/app.ts";

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
  await waitOnExecutionContext(context);
  const text = await response.text();
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json") ?? false;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : null };
}

export const INTERNAL = "/api/v1/internal";
export const CONTROLLER = "/api/v1/controller";

/** Registers an orchestrator or fails. */
export async function register(id: string, fields: Record<string, unknown> = {}): Promise<void> {
  const answer = await call("POST", `${INTERNAL}/orchestrators/register`, { body: { orchestrator_id: id, ...fields } });
  if (answer.status !== 200) throw new Error(`register ${id}: ${answer.status} ${answer.text}`);
}
