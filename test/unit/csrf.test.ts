import { describe, expect, it } from "vitest";
import { assertCookieWrite, isBrowser } from "../../worker/middleware/csrf.ts";

const URL = "https://controller.example/api/v1/internal/auth/logout";
const ALLOWED = ["https://dashboard.example"];

function write(headers: Record<string, string>, method = "POST") {
  // Node refuses to set some of these headers on a Request.
  const request = { method, url: URL, headers: new Headers(headers) } as Request;
  return () => assertCookieWrite(request, ALLOWED);
}

const ours = { "X-Requested-With": "moolai" };

describe("a write with a cookie", () => {
  it("needs the header that a form cannot send", () => {
    expect(write({ "Sec-Fetch-Site": "same-origin" })).toThrow("X-Requested-With");
  });

  it.each(["cross-site", "same-site", "none"])("is refused from %s", (site) => {
    expect(write({ ...ours, "Sec-Fetch-Site": site, Origin: "https://dashboard.example" })).toThrow("other sites");
  });

  it("passes from the same origin", () => {
    expect(write({ ...ours, "Sec-Fetch-Site": "same-origin" })).not.toThrow();
  });

  it("falls back to the origin in browsers without Sec-Fetch-Site", () => {
    expect(write({ ...ours, Origin: "https://controller.example" })).not.toThrow();
    expect(write({ ...ours, Origin: "https://dashboard.example" })).not.toThrow();
    expect(write({ ...ours, Origin: "https://dashboard.example.evil" })).toThrow("origin");
    expect(write({ ...ours, Origin: "null" })).toThrow("origin");
    expect(write(ours)).toThrow("origin");
  });

  it("is no write when it only reads", () => {
    expect(write({}, "GET")).not.toThrow();
  });
});

describe("isBrowser", () => {
  it("goes by what browsers alone send", () => {
    expect(isBrowser(new Headers({ Origin: "https://x" }))).toBe(true);
    expect(isBrowser(new Headers({ "Sec-Fetch-Site": "same-origin" }))).toBe(true);
    expect(isBrowser(new Headers({ "Sec-Fetch-Mode": "cors" }))).toBe(false);
  });
});
