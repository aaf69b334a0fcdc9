import fc from "fast-check";
import { expect, it } from "vitest";
import { safeNext } from "../../dashboard/src/features/session/next-page.ts";

const ORIGIN = "https://controller.example";

it.each([
  ["/organizations/acme?tab=config#features", "/organizations/acme?tab=config#features"],
  ["/", "/"],
  ["/..//evil.example", "/evil.example"],
  ["/../\\\\evil.example", "/evil.example"],
  ["/.//evil.example", "/evil.example"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["/..//login", "/"],
  ["/login?next=/", "/"],
  [["/a"], "/"],
  [undefined, "/"],
])("after a login, %j leads to %j", (next, page) => {
  expect(safeNext(next, ORIGIN)).toBe(page);
});

it("no address leads away from here, nor back to the login", () => {
  const piece = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "//",
    "@",
    ":",
    "?",
    "#",
    "%2f",
    "%2e",
    "\t",
    "\n",
    " ",
    "evil.example",
    "login",
    "http:",
  );
  const address = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece, { maxLength: 8 }).map((parts) => `/${parts.join("")}`),
  );
  fc.assert(
    fc.property(address, (next) => {
      const page = safeNext(next, ORIGIN);
      const url = new URL(page, ORIGIN);
      expect(page).toMatch(/^\//);
      expect(url.origin).toBe(ORIGIN);
      expect(url.pathname + url.search + url.hash).toBe(page);
      expect(["/login", "/wall", "/welcome"]).not.toContain(url.pathname);
    }),
    { numRuns: 2_000 },
  );
});
