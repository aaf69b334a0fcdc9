import { afterEach, describe, expect, it, vi } from "vitest";
import { securityHeaders } from "../../worker/middleware/security-headers.ts";
import { type CallOptions, CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { fromAnywhere } from "./people.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The security headers of every answer, spelled out apart from the code that sets it. */
const ALWAYS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
};

const login = { username: "superadmin", password: "moolai-dev" };
const CLASSES: [what: string, status: number, method: string, path: string, options?: CallOptions][] = [
  ["a success", 200, "GET", `${INTERNAL}/auth/me`],
  ["a login, with its cookie", 200, "POST", `${INTERNAL}/auth/login`, { body: login, bearer: null }],
  ["a list", 200, "GET", `${CONTROLLER}/organizations`],
  ["CSV", 200, "GET", `${CONTROLLER}/audit?format=csv`],
  ["health", 200, "GET", "/health", { bearer: null }],
  ["the OpenAPI document", 200, "GET", "/openapi.json", { bearer: null }],
  ["broken JSON", 400, "PUT", `${INTERNAL}/orchestrators/hdr-a/independence`, { body: "{" }],
  ["no credential", 401, "GET", `${INTERNAL}/auth/me`, { bearer: null }],
  ["a token in the address", 401, "GET", `${INTERNAL}/auth/me?token=x`],
  [
    "another origin",
    403,
    "POST",
    `${INTERNAL}/auth/login`,
    { body: login, headers: { Origin: "https://evil.example" } },
  ],
  ["an unknown id", 404, "GET", `${CONTROLLER}/orchestrators/hdr-none`],
  ["an unknown path", 404, "GET", "/api/nothing"],
  ["a wrong method", 405, "DELETE", `${CONTROLLER}/organizations`],
  ["a conflict", 409, "POST", `${CONTROLLER}/organizations`, { body: { organization_id: "hdr-a", name: "again" } }],
  ["a large body", 413, "POST", `${CONTROLLER}/organizations`, { body: `"${"x".repeat(65_536)}"` }],
  ["no JSON", 415, "POST", `${CONTROLLER}/organizations`, { body: "x", headers: { "Content-Type": "text/plain" } }],
  ["a wrong value", 422, "GET", `${CONTROLLER}/organizations?page=0`],
  ["a plain GET of /ws", 426, "GET", "/ws", { bearer: null }],
  [
    "a socket from another origin",
    403,
    "GET",
    "/ws/a",
    { headers: { Upgrade: "websocket", Origin: "https://evil.example" } },
  ],
  ["wrong settings", 503, "GET", `${INTERNAL}/auth/me`, { env: { FLEET_SHARDS: "many" } }],
];

describe("every class of answer", () => {
  it.each(CLASSES)(
    "carries all headers, and nobody may keep it: %s (%i)",
    async (_what, status, method, path, options) => {
      vi.spyOn(console, "error").mockImplementation(() => {});
      await register("hdr-a");
      const answer = await call(method, path, { ...options, headers: { ...fromAnywhere(), ...options?.headers } });
      expect(answer.status).toBe(status);
      expect(Object.fromEntries(answer.headers)).toMatchObject(ALWAYS);
      const policy = answer.headers.get("Content-Security-Policy");
      expect(policy).toBe("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(answer.headers.has("Server") || answer.headers.has("X-Powered-By")).toBe(false);
    },
  );

  it("carries them when Postgres is away, and when something breaks", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
    const away = await call("GET", `${CONTROLLER}/organizations`);
    vi.mocked(fetch).mockImplementation(() => {
      throw Object.assign(new Error("secret detail"), { name: "Odd" });
    });
    const broken = await call("GET", `${CONTROLLER}/organizations`, { env: { AUTH: null }, bearer: "x".repeat(43) });
    expect([away.status, broken.status]).toEqual([503, 500]);
    for (const answer of [away, broken]) {
      expect(Object.fromEntries(answer.headers)).toMatchObject({ ...ALWAYS, "cache-control": "no-store" });
      expect(answer.text).not.toContain("secret detail");
    }
  });
});

describe("the policy of a page", () => {
  it("allows nothing inline, nothing from elsewhere, and no frame around it", () => {
    const policy = securityHeaders("text/html; charset=utf-8")["Content-Security-Policy"] ?? "";
    const rules = new Map(policy.split("; ").map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1).join(" ")]));
    expect(Object.fromEntries(rules)).toMatchObject({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "connect-src": "'self'",
      "base-uri": "'none'",
      "form-action": "'self'",
      "frame-ancestors": "'none'",
    });
    expect(policy).not.toMatch(/unsafe|\*|https?:|nonce|sha256/);
  });
});
