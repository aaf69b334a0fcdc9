import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { assertDeployable, forEnvironment } from "../../scripts/lib/deployable.ts";
import { assertProduction } from "../../scripts/lib/production.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import { MODE_HEADER } from "../../worker/middleware/development.ts";
import { PAGES } from "../../worker/routes/pages.ts";
import { type Bundle, bundleOf, bundleUnder } from "../support/bundle.ts";
import { type Controller, type ControllerOptions, startController } from "../support/controller.ts";

/** Only an upper bound, for bundling on a busy machine. */
const SLOW_MS = 300_000;
/** What a person, a shell profile or a pipeline may have set. */
const NODE_ENVS = [undefined, "", "production", "development", "test", "staging"];
const NO_DATABASE = { url: "postgresql://moolai_app:x@localhost/none", endpoint: "http://127.0.0.1:1/sql" };

const textOf = async ({ scriptPath }: Bundle) => await readFile(scriptPath, "utf8");
const running: Controller[] = [];

async function start(options: Omit<ControllerOptions, "database">): Promise<Controller> {
  const controller = await startController({ database: NO_DATABASE, ...options });
  running.push(controller);
  return controller;
}

interface Reply {
  status: number;
  headers: NodeJS.Dict<string | string[]>;
  code: string | undefined;
  message: string;
}

/** One request with headers that `fetch` would not send: another Host, or an upgrade. */
function ask(url: string, path: string, method = "GET", headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const sent = request({ host, port, path, method, headers, agent: false });
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, code: undefined, message: "" });
    });
    sent.on("response", async (response) => {
      let text = "";
      for await (const chunk of response) text += String(chunk);
      const body = text.startsWith("{") ? JSON.parse(text) : {};
      const { statusCode: status = 0, headers } = response;
      resolve({ status, headers, code: body.error?.code, message: String(body.message ?? "") });
    });
    sent.on("error", reject);
    sent.end();
  });
}

const UPGRADE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};
const KNOWN_TOKEN = { Authorization: "Bearer fake-dev-token" };

/** Every kind of thing that the Worker answers, with every method: method, path, headers. */
const EVERYTHING: [method: string, path: string, headers?: Record<string, string>][] = [
  ...PAGES.map((path): [string, string] => ["GET", path.replace(":id", "acme")]),
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].flatMap((method): [string, string][] => [
    [method, "/"],
    [method, "/health"],
    [method, "/api/v1/controller/organizations"],
    [method, "/nothing/here"],
  ]),
  ["GET", "/openapi.json"],
  ["GET", "/docs"],
  ["GET", "/api"],
  ["GET", "/ws"],
  ["GET", "/api/v1/controller/organizations", KNOWN_TOKEN],
  ["GET", "/?token=fake-dev-token"],
  ["GET", "/ws?orchestrator_id=org-002", UPGRADE],
  ["GET", "/ws/org-002", UPGRADE],
  ["GET", "/", UPGRADE],
  ["GET", "/api/v1/stream", { ...UPGRADE, ...KNOWN_TOKEN }],
  ["GET", "/elsewhere", UPGRADE],
];

afterAll(async () => {
  await Promise.all(running.map((controller) => controller.stop()));
}, SLOW_MS);

describe("what wrangler deploy bundles", () => {
  let folder: string;
  const bundles = new Map<string | undefined, Bundle>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "bundles-"));
    for (const [index, nodeEnv] of NODE_ENVS.entries()) {
      bundles.set(nodeEnv, await bundleUnder(nodeEnv, join(folder, String(index))));
    }
  }, SLOW_MS);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("holds code of development in the development build, where this test would find it", async () => {
    expect(await textOf(await bundleOf("development"))).toContain(MODE_HEADER);
  });

  it.each(NODE_ENVS)("is the production build under NODE_ENV %j, to the byte", async (nodeEnv) => {
    const bundle = bundles.get(nodeEnv);
    if (!bundle) throw new Error("not built");
    const text = await textOf(bundle);
    expect(text).not.toContain(MODE_HEADER);
    // Named once, among the settings that are known. Their values are read nowhere.
    for (const name of ["DEV_ADMIN_PASSWORD", "DEV_BEARER_TOKEN"]) expect(text.split(name)).toHaveLength(2);
    const digest = (content: string) => createHash("sha256").update(content).digest("hex");
    expect(digest(text)).toBe(digest(await textOf(await bundleOf("production"))));
  });

  it.each(["development", "staging"])("has no powers of development, built under NODE_ENV %j", async (nodeEnv) => {
    const bundle = bundles.get(nodeEnv);
    if (!bundle) throw new Error("not built");
    const { url } = await start({ production: true, bundle });
    const health = await fetch(new URL("/health", url));
    expect([health.status, health.headers.get(MODE_HEADER)]).toEqual([200, null]);
    expect(await health.json()).toMatchObject({ build: "production", components: { configuration: "ok" } });
    const path = "/api/v1/controller/organizations";
    expect(await ask(url, path)).toMatchObject({ status: 401 });
    expect(await ask(url, path, "GET", KNOWN_TOKEN)).toMatchObject({ status: 401 });
    for (const socket of ["/ws", "/ws/org-002", "/", "/ws?orchestrator_id=org-002"]) {
      expect(await ask(url, socket, "GET", UPGRADE), socket).toMatchObject({ status: 401 });
    }
  });
});

describe("npm run build and npm run deploy", () => {
  it.each(["staging", "development", "test", "Production"])("refuse NODE_ENV %s in a sentence", async (nodeEnv) => {
    for (const script of ["build", "deploy"]) {
      const env = { ...process.env, NODE_ENV: nodeEnv, ASSETS_DIR: join(tmpdir(), "never-built") };
      const run = promisify(execFile)(process.execPath, [projectPath(`scripts/${script}.ts`)], { env });
      const { code, stdout, stderr } = await run.then(
        () => ({ code: 0, stdout: "", stderr: "" }),
        (failed) => failed,
      );
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(
        new RegExp(`^NODE_ENV is "${nodeEnv}", but npm run ${script} always .* Unset NODE_ENV .*\\.\n$`),
      );
    }
  });

  it("take no NODE_ENV, an empty one, and that of production", () => {
    for (const nodeEnv of [undefined, "", "production"]) expect(() => assertProduction("x", nodeEnv)).not.toThrow();
  });

  it("refuse what would deploy something of development", () => {
    const refused = [
      ["--define", "DEVELOPMENT_BUILD:true"],
      ["--define=DEVELOPMENT_BUILD:true"],
      ["--dry-run", "--var", "DEV_BEARER_TOKEN:x"],
      ["--var=DEV_BEARER_TOKEN:x"],
      ["--var", "LOG_LEVEL:debug", "DEV_BEARER_TOKEN:x"],
      ["--config", "other.toml"],
      ["-c=other.toml"],
    ];
    for (const options of refused) expect(() => assertDeployable(options), options.join(" ")).toThrow();
    expect(() => assertDeployable(["--var", "DEV_BEARER_TOKEN:canary"])).toThrow(/^DEV_BEARER_TOKEN is a setting/);
    expect(() => assertDeployable(["--dry-run", "--var", "LOG_LEVEL:debug", "--name", "DEV_x"])).not.toThrow();
  });

  it("refuse an environment of wrangler.toml that does not say which build it is", async () => {
    const folder = await mkdtemp(join(tmpdir(), "environments-"));
    try {
      const config = join(folder, "wrangler.toml");
      const text = await readFile(projectPath("wrangler.toml"), "utf8");
      const named = '[env.unsaid]\nname = "unsaid"\n[env.other.define]\nDEVELOPMENT_BUILD = "false"\n';
      await writeFile(config, `${text}\n${named}`);
      expect(() => assertDeployable(["--dry-run"], config)).not.toThrow();
      expect(() => assertDeployable(["--env", "other"], config)).not.toThrow();
      for (const options of [["--env", "unsaid"], ["--env=unsaid"], ["-e", "unsaid"]])
        expect(() => assertDeployable(options, config), options.join(" ")).toThrow("[env.unsaid.define]");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("means production unless another environment is named", () => {
    vi.stubEnv("CLOUDFLARE_ENV", undefined);
    expect(forEnvironment(["--dry-run"])).toEqual(["--env=", "--dry-run"]);
    for (const options of [["--env", "staging"], ["-e", "staging"], ["--env=staging"]])
      expect(forEnvironment(options)).toEqual(options);
    vi.stubEnv("CLOUDFLARE_ENV", "staging");
    expect(forEnvironment([])).toEqual([]);
    vi.unstubAllEnvs();
  });

  it("build the dashboard for production, also when npm start does it under another NODE_ENV", async () => {
    const folder = await mkdtemp(join(tmpdir(), "assets-"));
    try {
      const env = { ...process.env, NODE_ENV: "development", ASSETS_DIR: folder };
      await promisify(execFile)(process.execPath, [projectPath("scripts/build.ts"), "--if-missing"], { env });
      const scripts = (await readdir(join(folder, "assets"))).filter((name) => name.endsWith(".js"));
      const texts = await Promise.all(scripts.map((name) => readFile(join(folder, "assets", name), "utf8")));
      expect(texts.length).toBeGreaterThan(5);
      // What Solid says in development only.
      expect(texts.join("")).not.toContain("multiple instances of Solid");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("a build whose settings do not fit it", () => {
  it.each([
    ["DEV_BEARER_TOKEN", "fake-dev-token"],
    ["DEV_ADMIN_PASSWORD", ""],
    ["DEV_SOMETHING_NEW", "1"],
  ])("refuses everything when it is for production and has %s", async (name, value) => {
    const { url, getLogs } = await start({ production: true, vars: { [name]: value } });
    for (const [method, path, headers] of EVERYTHING) {
      const reply = await ask(url, path, method, headers);
      expect([reply.status, reply.headers["retry-after"]], `${method} ${path}`).toEqual([503, expect.any(String)]);
      if (method === "HEAD") continue;
      expect(reply.code, `${method} ${path}`).toBe("build_mismatch");
      expect(reply.message).toMatch(/production build.* DEV_ setting\. .*delete/);
      expect(reply.message).not.toContain(name);
    }
    expect(getLogs().some(({ message }) => message.includes(`delete ${name}`))).toBe(true);
  });

  it("refuses everything when it is for development and nothing asks for that", async () => {
    const { url } = await start({ hasDevelopmentSettings: false });
    for (const [method, path, headers] of EVERYTHING) {
      const reply = await ask(url, path, method, headers);
      expect(reply.status, `${method} ${path}`).toBe(503);
      if (method !== "HEAD") expect(reply.code, `${method} ${path}`).toBe("build_mismatch");
    }
  });
});

describe("a controller in development", () => {
  let url: string;
  let port: string;

  beforeAll(async () => {
    ({ url } = await start({ vars: { DEV_ALLOWED_HOSTS: "host.docker.internal:8787, Box.lan" } }));
    port = new URL(url).port;
  }, SLOW_MS);

  it("answers under every name of its machine, with and without a port", async () => {
    const hosts = ["127.0.0.1", "localhost", "LOCALHOST", "moolai.localhost", "[::1]", "127.0.0.2"];
    for (const host of [
      ...hosts,
      ...hosts.map((name) => `${name}:${port}`),
      "host.docker.internal:8787",
      "box.LAN",
      "box.lan:99",
    ]) {
      expect(await ask(url, "/health", "GET", { Host: host }), host).toMatchObject({ status: 200 });
    }
  });

  it.each([
    "evil.example",
    "evil.example:8787",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evillocalhost",
    "192.168.1.5:8787",
    "host.docker.internal:1",
    "evil.box.lan",
    "0.0.0.0",
  ])("refuses everything under another one, as that of a page whose name leads to 127.0.0.1 (%s)", async (Host) => {
    for (const [method, path, headers] of EVERYTHING) {
      const reply = await ask(url, path, method, { ...headers, Host });
      expect(reply.status, `${method} ${path}`).toBe(403);
      if (method === "HEAD") continue;
      expect(reply.code, `${method} ${path}`).toBe("host_rejected");
      expect(reply.message).toContain("DEV_ALLOWED_HOSTS");
    }
  });

  it("does not believe a header that names another address than the Host does", async () => {
    const headers = { Host: "evil.example", "MF-Original-URL": "http://127.0.0.1/health" };
    expect(await ask(url, "/health", "GET", headers)).toMatchObject({ status: 403 });
  });
});

describe("plain HTTP to a production controller", () => {
  let url: string;

  beforeAll(async () => {
    ({ url } = await start({ production: "plain" }));
  }, SLOW_MS);

  it.each(["GET", "HEAD"])("is redirected for a page (%s), and with what was asked for", async (method) => {
    for (const path of [
      "/",
      "/login",
      "/organizations/acme/config?tab=a%20b",
      "/health",
      "/docs",
      "//evil.example/x",
    ]) {
      const reply = await ask(url, path, method, { Host: "controller.example:8080" });
      expect([reply.status, reply.headers.location], path).toEqual([308, `https://controller.example${path}`]);
    }
  });

  it("is refused for whatever may carry a credential, before that is looked at", async () => {
    const calls: [string, string, Record<string, string>?][] = [
      ["GET", "/api/v1/controller/organizations"],
      ["GET", "/api/v1/controller/organizations", KNOWN_TOKEN],
      ["POST", "/api/v1/internal/auth/login"],
      ["OPTIONS", "/api/v1/controller/organizations"],
      ["DELETE", "/api/nothing"],
      ["POST", "/login"],
      ["GET", "/health", KNOWN_TOKEN],
      ["GET", "/ws"],
      ["GET", "/ws?token=x"],
    ];
    for (const [method, path, headers] of calls) {
      const reply = await ask(url, path, method, headers);
      expect([reply.status, reply.code], `${method} ${path}`).toEqual([403, "https_required"]);
      expect(reply.message).toContain("https://");
    }
  });

  it.each(["/ws", "/ws/org-002", "/", "/ws?orchestrator_id=org-002", "/api/v1/stream"])(
    "is refused for a socket, with a sentence (%s)",
    async (path) => {
      for (const headers of [UPGRADE, { ...UPGRADE, ...KNOWN_TOKEN }, { ...UPGRADE, Authorization: "Basic eDp5" }]) {
        const reply = await ask(url, path, "GET", headers);
        expect([reply.status, reply.code]).toEqual([403, "https_required"]);
        expect(reply.message).toContain("wss://");
      }
    },
  );

  it("is HTTPS when the edge says so, with its header", async () => {
    const reply = await ask(url, "/health", "GET", { "X-Forwarded-Proto": "https" });
    expect(reply.status).toBe(200);
    expect(reply.headers["strict-transport-security"]).toContain("max-age=31536000");
  });
});
