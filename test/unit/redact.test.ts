import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../worker/contract/json.ts";
import { findMask, redact, withoutMasks } from "../../worker/platform/redact.ts";
import { newToken } from "../../worker/platform/tokens.ts";

const SECRET = "hunter2-canary";
const TOKENS = [
  newToken("api").text,
  newToken("join").text,
  newToken("link").text,
  newToken("agent", "org-002").text,
] as const;

/** Texts that are put together from what could be taken for a secret, or hide one. */
const piece = fc.oneof(
  fc.constantFrom(
    ...TOKENS,
    "Bearer ",
    "Basic ",
    "://",
    ":",
    "@",
    "=",
    "&",
    '"',
    "'",
    " ",
    "\n",
    "…",
    "https://u:p@h/",
  ),
  fc.constantFrom("password", "api_key", "token", "Authorization", "mct_", "redis_url", "\\", ",", "{", "}"),
  fc.string({ maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
const key = fc.oneof(
  text,
  fc.constantFrom(
    "password",
    "database_url",
    "environment_variables",
    "accessToken",
    "__proto__",
    "name",
    "max_tokens",
  ),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", maxDepth: 6 },
    text,
    fc.jsonValue(),
    fc.constantFrom(undefined, Number.NaN, 7n, true),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("json")), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

describe("redact", () => {
  it.each([
    ...TOKENS.map((token) => [`Wrong token ${token}.`, `Wrong token ${token.slice(0, 4)}…`]),
    [`GET /ws/${TOKENS[3]}?x=1`, "GET /ws/mca_…?x=1"],
    [`Authorization: Bearer ${SECRET}`, "Authorization: Bearer …"],
    ["authorization: Basic dXNlcjpwYXNz", "authorization: Basic …"],
    [`connect postgresql://user:${SECRET}@db.internal/x failed`, "connect postgresql://user:…@db.internal/x failed"],
    [`redis://:${SECRET}@redis:6379/0`, "redis://:…@redis:6379/0"],
    [`wss://org-002:a@b:${SECRET}@host/ws`, "wss://org-002:…@host/ws"],
    [`/login?user=ada&password=${SECRET}&x=1`, "/login?user=ada&password=…&x=1"],
    [`{"api_key": "two words ${SECRET}"}`, '{"api_key": …'],
    [`Cookie:__Host-moolai_session=${SECRET}`, "Cookie:…"],
    [`https://${SECRET}@git.example/x`, "https://…@git.example/x"],
    [`Server=db;User=ada;Pwd=${SECRET};Encrypt=yes`, "Server=db;User=ada;Pwd=…;Encrypt=yes"],
    [`https://store.example/a?sv=1&sig=${SECRET}`, "https://store.example/a?sv=1&sig=…"],
    [`X-Api-Key: ${SECRET}`, "X-Api-Key: …"],
    [`token: ${SECRET}`, "token: …"],
    [`token:${SECRET}`, "token:…"],
    [`token: ${SECRET} (a1B2c3D4e5)`, "token: … (a1B2c3D4e5)"],
    [`refused token:${SECRET} (a1B2c3D4e5)`, "refused token:… (a1B2c3D4e5)"],
    [`token:api_key=${SECRET} (a1B2c3D4e5)`, "token:api_key=… (a1B2c3D4e5)"],
    [`login failed, pass: ${SECRET}`, "login failed, pass: …"],
    [`openai says no to sk-proj-4F-${SECRET}`, "openai says no to sk-…"],
    [`ghp_${"a1B2".repeat(9)} is not valid`, "ghp_… is not valid"],
    ["AKIAIOSFODNN7EXAMPLE is not valid", "AKIA… is not valid"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln expired", "eyJ… expired"],
    [
      `-----BEGIN RSA PRIVATE KEY-----\n${SECRET.replace("-", "")}\n-----END`,
      "-----BEGIN RSA PRIVATE KEY-----…-----END",
    ],
  ])("masks what is secret in %j", (from, to) => {
    expect(redact(from)).toBe(to);
  });

  it.each([
    "Basic configuration of Bearer instruments",
    "https://example.com:8443/a?b=c",
    "ada@example.com",
    "ssh://git@example.com/repo",
    "2 tests passed, bypass: yes",
    "[C-OCS] Orchestrator sk-slovakia-bratislava-2 connected",
    "[C-OCS] Processing heartbeat from orchestrator org-002",
    "SECRETS_KEY is not set",
    "token:nightly export (a1B2c3D4e5)",
    "user:ada",
    "2026-11-21T00:48:54.531Z",
    "",
  ])("leaves %j alone", (harmless) => {
    expect(redact(harmless)).toBe(harmless);
  });

  it.each([
    "password",
    "new_password",
    "PASSWORD",
    "client_secret",
    "SECRETS_KEY",
    "agent_token",
    "accessToken",
    "api_key",
    "apiKey",
    "openai-api-key",
    "Authorization",
    "set-cookie",
    "database_url",
    "redisUrl",
    "environment_variables",
    "privateKey",
    "pwd",
    "db_pass",
    "aws_access_key_id",
    "signature",
    "password2",
    "api_key_old",
    "client_secret_value",
    "token_github",
    "passwordForProduction",
  ])("masks every text under %s, at any depth", (name) => {
    for (const value of [SECRET, { A: SECRET }, [SECRET], [{ A: [SECRET] }]]) {
      let wrapped: unknown = { [name]: value, name: "Acme" };
      for (let depth = 0; depth < 14; depth++) wrapped = depth % 2 ? [wrapped] : { inner: wrapped };
      const shown = JSON.stringify(redact(wrapped));
      expect(shown).not.toContain(SECRET);
      expect(shown).toContain('"name":"Acme"');
    }
  });

  it("keeps what only says that a secret is there", () => {
    const told = { database_url_set: true, redis_url: null, token: false, max_tokens: 100, key_id: "0123456789" };
    expect(redact(told)).toEqual(told);
  });

  it("B07: shows settings and counts as they are, whatever secret their names speak of", () => {
    const settings = {
      signature_check: 3,
      token_limit: 4096,
      tokenLimit: "4096 per request",
      max_tokens: "unlimited",
      secret_detection: "strict",
      secretDetection: { mode: "block", entropy: 3.5, rules: ["aws", "gcp"], enabled: true },
      pii_detection: "on",
      password_policy: "NIST 800-63B",
      api_key_rotation: "30d",
      cookie_consent: "required",
      authorization_mode: "RBAC 2",
      authorization: { mode: "RBAC 2", enabled: false, ttl: 60 },
      signature: 3,
      passwords_seen: 12,
      token: null,
      secrets: [1, false, null, ""],
      credentials: {},
    };
    expect(redact(settings)).toEqual(settings);
    const text = 'token_limit=500&secret_detection: strict {"signature_check":3}';
    expect(redact(text)).toBe(text);
    expect(redact({ token_limit: `Bearer ${SECRET}` })).toEqual({ token_limit: "Bearer …" });
  });

  it("B07 sibling: changes texts alone, so that numbers, booleans and shapes stay", () => {
    const shapeOf = (value: unknown): unknown => {
      if (typeof value === "string") return "text";
      if (typeof value !== "object" || value === null) return value;
      if (Array.isArray(value)) return value.map(shapeOf);
      return Object.entries(value).map(([, entry]) => shapeOf(entry));
    };
    const plainKey = fc.oneof(
      fc.constantFrom("password", "token", "signature_check", "environment_variables"),
      fc.string({ maxLength: 4 }),
    );
    const features = fc.dictionary(plainKey, fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(features, (value) => {
        // Masking a key may make two of them equal.
        fc.pre(Object.keys(redact(value) as object).length === Object.keys(value).length);
        expect(shapeOf(redact(value))).toEqual(shapeOf(value));
      }),
      { numRuns: 10_000 },
    );
  });

  it("knows its own masks again, and takes no other … for one", () => {
    for (const value of [
      { api_key: SECRET },
      { nested: { list: [{ A: { password: SECRET } }] } },
      { note: `Bearer ${SECRET}-1` },
      { url: `https://ada:${SECRET}@acme.example/` },
      { text: `password=${SECRET}` },
      { credentials: [SECRET] },
      { key: TOKENS[0] },
    ]) {
      expect(findMask(value)).toBeNull();
      expect(findMask(redact(value)), JSON.stringify(value)).not.toBeNull();
    }
    expect(findMask(redact({ a: { b: [{ api_key: SECRET }] } }))).toBe("/a/b/0/api_key");
    expect(findMask({ title: "And so on …", secret_detection: "…", list: ["…"], empty: {} })).toBeNull();
  });

  it("B07 sibling: takes its masks out, with nothing else changed, and says where they stood", () => {
    const given = { api_key: "…", n: null, list: [["a"], "Bearer …", null, { token: "…", x: 1 }] };
    expect(withoutMasks(given)).toEqual({
      kept: { n: null, list: [["a"], null, { x: 1 }] },
      paths: ["api_key", "list.1", "list.3.token"],
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const { kept, paths } = withoutMasks(redact(value as JsonObject));
        expect(findMask(kept)).toBeNull();
        if (paths.length === 0) expect(kept).toEqual(redact(value));
      }),
    );
  });

  it("shows nothing of what is nested deeper than JSON may be", () => {
    let deep: unknown = SECRET;
    for (let depth = 0; depth < 100_000; depth++) deep = { a: deep };
    expect(JSON.stringify(redact(deep))).not.toContain(SECRET);
  });

  it("is done after once also where one of our tokens looks like a word under a suspected name", () => {
    const once = redact({ passwordA: ["mct_a"] });
    expect(redact(once)).toEqual(once);
  });

  it("never throws, changes nothing of its argument, and is done after once", () => {
    fc.assert(
      fc.property(json, (value) => {
        const before = structuredClone(value);
        const once = redact(value);
        expect(value).toEqual(before);
        expect(redact(once)).toEqual(once);
        if (typeof value === "string") expect(redact(value).length).toBeLessThanOrEqual(value.length);
      }),
      { numRuns: 5_000 },
    );
  });

  it("lets no token of ours through, whatever stands around it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...TOKENS), text, text, (token, before, after) => {
        expect(redact(`${before}${token}${after}`)).not.toContain(token.slice(-32));
        expect(JSON.stringify(redact({ [`${before}${token}`]: [`${token}${after}`] }))).not.toContain(token.slice(-32));
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes time in proportion to the text, whatever that repeats", () => {
    for (const unit of [
      "a",
      "://",
      "://a:",
      "@",
      "Bearer ",
      "password",
      'password="',
      "mct_",
      "api_key:'",
      '="',
      "sk-",
      "eyJa.",
      "https://a",
    ]) {
      // A second or two on a busy machine; what grows with the square would take minutes.
      const startedAt = performance.now();
      redact(unit.repeat(1_000_000 / unit.length));
      expect(performance.now() - startedAt, unit).toBeLessThan(20_000);
    }
  });
});
