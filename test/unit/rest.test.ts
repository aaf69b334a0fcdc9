import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { PresenceView } from "../../worker/contract/presence.ts";
import { searchText, toPage } from "../../worker/contract/rest/common.ts";
import { ApiError, validationFailed } from "../../worker/middleware/errors.ts";
import { settingsProblems } from "../../worker/platform/configured.ts";
import { isCurrent } from "../../worker/routes/presence-overlay.ts";
import { VERSION } from "../../worker/routes/version.ts";

describe("toPage", () => {
  it("counts pages and says what lies before and after", () => {
    expect(toPage(["c"], 5, { page: 3, page_size: 2 }, null)).toEqual({
      items: ["c"],
      page: 3,
      page_size: 2,
      total_items: 5,
      total: 5,
      total_pages: 3,
      has_next: false,
      has_prev: true,
      next_cursor: null,
      returned: 1,
      truncated: true,
    });
    expect(toPage([], 0, { page: 1, page_size: 20 }, null)).toMatchObject({
      total_pages: 0,
      has_next: false,
      has_prev: false,
    });
  });
});

describe("searchText", () => {
  it("refuses what Postgres cannot hold", () => {
    expect(searchText.safeParse("a\u0000").success).toBe(false);
    expect(searchText.safeParse("\ud800").success).toBe(false);
    expect(searchText.parse(" acme ")).toBe("acme");
  });
});

describe("errors", () => {
  it("say where the request is wrong", () => {
    const result = z.object({ features: z.object({ cache: z.boolean() }) }).safeParse({ features: { cache: 1 } });
    if (result.success) throw new Error("must fail");
    expect(validationFailed("body", result.error).details).toEqual([
      { path: "/body/features/cache", code: "invalid_type", message: expect.any(String) },
    ]);
  });

  it("carry the headers of their status", () => {
    expect(new ApiError("unauthorized", "").headers).toEqual({ "WWW-Authenticate": "Bearer" });
    expect(new ApiError("rate_limited", "", { retryAfterSec: 0.2 }).headers).toEqual({ "Retry-After": "1" });
    expect(new ApiError("database_unavailable", "").headers).toEqual({ "Retry-After": "5" });
    expect(new ApiError("not_found", "").headers).toEqual({});
  });
});

describe("settingsProblems", () => {
  const complete = { DATABASE_URL: "postgresql://x", SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") };

  it("wants a database and no development settings in production", () => {
    expect(settingsProblems(complete, "production")).toEqual([]);
    expect(settingsProblems({}, "production")).toEqual(["DATABASE_URL is not set", "SECRETS_KEY is not set"]);
    const problems = settingsProblems({ ...complete, DEV_BEARER_TOKEN: "secret" }, "production");
    expect(problems).toEqual([expect.stringMatching(/production build.* delete DEV_BEARER_TOKEN$/)]);
  });

  it.each(["dG9vIHNob3J0", "not base64!", Buffer.alloc(33).toString("base64")])(
    "wants a key of 32 bytes in production, and does not repeat a wrong one (%s)",
    (SECRETS_KEY) => {
      const problems = ["SECRETS_KEY must be 32 bytes in base64"];
      expect(settingsProblems({ ...complete, SECRETS_KEY }, "production")).toEqual(problems);
      expect(settingsProblems({ ...complete, SECRETS_KEY, DEV_BEARER_TOKEN: "t" }, "development")).toEqual([]);
    },
  );
});

describe("isCurrent", () => {
  const row = { generation: 2, presenceEpoch: 3, presenceSeq: 7 };
  const view = (generation: number, epoch: number, seq: number) =>
    ({ generation, epoch, seq }) as Partial<PresenceView> as PresenceView;

  it("prefers the fleet unless Postgres has something newer", () => {
    expect(isCurrent(row, view(2, 3, 7))).toBe(true);
    expect(isCurrent(row, view(2, 4, 1))).toBe(true);
    expect(isCurrent(row, view(3, 1, 1))).toBe(true);
    expect(isCurrent(row, view(2, 3, 6))).toBe(false);
    expect(isCurrent(row, view(2, 2, 9))).toBe(false);
    expect(isCurrent(row, view(1, 9, 9))).toBe(false);
  });
});

it("has the version of the package", async () => {
  const pkg = JSON.parse(await readFile("package.json", "utf8"));
  expect(VERSION).toBe(pkg.version);
});
