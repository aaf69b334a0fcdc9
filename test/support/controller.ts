import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bundle, bundleOf } from "./bundle.ts";
import type { TestDatabase } from "./database.ts";
import { eventually } from "./eventually.ts";
import { liveRuntimes, type Miniflare, newMiniflare, type StructuredLog } from "./miniflare.ts";
import { answerChecker, type ResponseValidator } from "./openapi-validator.ts";

export const DEV_SETTINGS = {
  DEV_BEARER_TOKEN: "fake-dev-token",
  DEV_ADMIN_USERNAME: "superadmin",
  DEV_ADMIN_PASSWORD: "moolai-dev",
  PRESENCE_REPORT_INTERVAL_SEC: "1",
};

/** What a deployment has to have; everything else has a default. */
const PRODUCTION_SETTINGS = { SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") };

export interface ControllerOptions {
  database: Pick<TestDatabase, "url" | "endpoint">;
  /**
   * As deployed: nothing of development in it, and no credential is sent unless the call names one. The Worker sees every
   * request as one to https://controller.test, as if Cloudflare ended TLS in front of it; with "plain" it sees what was sent.
   */
  production?: boolean | "plain";
  /** Of the development build; true unless said otherwise. */
  hasDevelopmentSettings?: boolean;
  /** Another bundle than the one that `production` names. */
  bundle?: Bundle;
  vars?: Record<string, string>;
  secrets?: Record<string, string>;
  /** Kept after `stop`, for a second controller on the same storage. Otherwise a temporary folder. */
  persistDir?: string;
  /** Lets `sql` read the rows of Durable Objects, which puts a wrapper around their classes. */
  inspectObjects?: boolean;
  /** How many calls of a caller, refusals and requests of an address in a minute; otherwise so many that no test meets the limit. */
  rates?: Partial<Record<RateLimitName, number>>;
  /** The static assets to serve. Otherwise a page that says nothing: most tests look at the API alone. */
  assetsDir?: string;
}

const RATE_LIMITS = ["CALL_RATE", "REFUSAL_RATE", "ADDRESS_RATE"] as const;
type RateLimitName = (typeof RATE_LIMITS)[number];
const NO_LIMIT = 1_000_000;

export interface RequestOptions extends RequestInit {
  /** null sends no credential. */
  bearer?: string | null;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // The shape differs by route; each test checks the fields that it names.
  body: Json;
}

/** JSON of unknown shape: every step of `body.data?.items?.[0]` may be absent, so no cast is needed to look. */
export interface Json {
  readonly [key: string]: Json | undefined;
  readonly [index: number]: Json | undefined;
}

export interface Controller {
  url: string;
  wsUrl: string;
  fetch(path: string, init?: RequestOptions): Promise<Response>;
  /** A request with a JSON body and its parsed answer. */
  call(method: string, path: string, body?: unknown, init?: RequestOptions): Promise<Answer>;
  getLogs(): StructuredLog[];
  /** The Durable Object loses its memory; with "close", its sockets too, as in a forced reset. */
  evict(className: DurableObjectClass, name: string, webSockets?: "close" | "hibernate"): Promise<void>;
  sql(className: DurableObjectClass, name: string, query: string): Promise<Record<string, unknown>[]>;
  /** What the cron trigger runs. */
  runCron(): Promise<void>;
  /** kill -9 of the runtime, which then comes back on the same port and storage. Resolves when it answers. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export type DurableObjectClass = "Orchestrator" | "Fleet" | "Auth";

/** The built Worker in the real runtime on a loopback port. Needs no network. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const bundle = options.bundle ?? (await bundleOf(options.production ? "production" : "development"));
  const { workerOptions } = bundle;
  const name = "moolai-controller";
  const persistDir = options.persistDir ?? (await mkdtemp(join(tmpdir(), "moolai-state-")));
  const logs: StructuredLog[] = [];
  const bindings = {
    ...workerOptions.bindings,
    ...(options.production ? PRODUCTION_SETTINGS : options.hasDevelopmentSettings === false ? {} : DEV_SETTINGS),
    DATABASE_URL: options.database.url,
    DATABASE_ENDPOINT: options.database.endpoint,
    ...options.vars,
    ...options.secrets,
  };
  const before = new Set(liveRuntimes());
  const miniflare: Miniflare = newMiniflare({
    host: "127.0.0.1",
    port: 0,
    // Otherwise it asks the network where it is.
    cf: false,
    ...(options.production === true && { upstream: "https://controller.test" }),
    logRequests: false,
    unsafeInspectDurableObjects: options.inspectObjects ?? false,
    resourcePersistencePath: persistDir,
    handleStructuredLogs: (log: StructuredLog) => logs.push(log),
    workers: [
      {
        name,
        modules: true,
        scriptPath: bundle.scriptPath,
        modulesRoot: join(bundle.dir, "worker"),
        compatibilityDate: workerOptions.compatibilityDate,
        compatibilityFlags: workerOptions.compatibilityFlags,
        durableObjects: workerOptions.durableObjects,
        assets: { ...workerOptions.assets, directory: options.assetsDir ?? bundle.assetsDir },
        ratelimits: Object.fromEntries(
          RATE_LIMITS.map((limiter, index) => [
            limiter,
            { namespace_id: String(index + 1), simple: { limit: options.rates?.[limiter] ?? NO_LIMIT, period: 60 } },
          ]),
        ),
        bindings,
      },
    ],
  });
  const url = (await miniflare.ready).origin;
  const ownRuntimes = () => liveRuntimes().filter((runtime) => !before.has(runtime));

  const defaultBearer = options.production ? null : DEV_SETTINGS.DEV_BEARER_TOKEN;
  const send = async (path: string, { bearer = defaultBearer, ...init }: RequestOptions = {}) => {
    const headers = new Headers(init.headers as HeadersInit | undefined);
    if (bearer !== null && !headers.has("Authorization")) headers.set("Authorization", `Bearer ${bearer}`);
    const response = await fetch(new URL(path, url), { redirect: "manual", ...init, headers });
    await check(init.method ?? "GET", path, response);
    return response;
  };

  /** Every JSON answer of the whole run is held against the controller's own OpenAPI document. */
  let checker: Promise<ResponseValidator> | undefined;
  async function check(method: string, path: string, response: Response): Promise<void> {
    if (!response.headers.get("Content-Type")?.startsWith("application/json") || path === "/openapi.json") return;
    checker ??= fetch(new URL("/openapi.json", url)).then(async (answer) => answerChecker(await answer.json()));
    const problems = (await checker)(method, path, response.status, await response.clone().json());
    if (problems.length > 0)
      throw new Error(`${method} ${path} → ${response.status} is not as described: ${problems.join("; ")}`);
  }

  return {
    url,
    wsUrl: url.replace("http:", "ws:"),
    fetch: send,
    async call(method, path, body, init = {}) {
      const headers = new Headers(init.headers as HeadersInit | undefined);
      if (body !== undefined && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
      const payload = body === undefined ? {} : { body: JSON.stringify(body) };
      return readAnswer(await send(path, { ...init, method, headers, ...payload }));
    },
    getLogs: () => [...logs],
    runCron: async () => {
      const { outcome } = await (await miniflare.getWorker()).scheduled();
      if (outcome !== "ok") throw new Error(`The scheduled handler ended with ${outcome}.`);
    },
    evict: (className, id, webSockets = "hibernate") =>
      miniflare.unsafeEvictDurableObject(name, className, { name: id, webSockets }),
    async sql(className, id, query) {
      const storage = await miniflare.unsafeGetDurableObjectStorage(name, className, { name: id });
      return storage.exec(query);
    },
    async crash() {
      const [runtime] = ownRuntimes();
      if (!runtime) throw new Error("no runtime process of this controller was found");
      runtime.kill("SIGKILL");
      await eventually(() => {
        if (ownRuntimes().includes(runtime)) throw new Error("the runtime is still alive");
      });
      await eventually(() => send("/health", { bearer: null, signal: AbortSignal.timeout(10_000) }));
    },
    async stop() {
      await miniflare.dispose();
      if (options.persistDir === undefined) await rm(persistDir, { recursive: true, force: true });
    },
  };
}

export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: unknown = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Not JSON: the test sees `text`.
  }
  return { status: response.status, headers: response.headers, text, body: body as Json };
}
