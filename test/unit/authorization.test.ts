import { describe, expect, it } from "vitest";
import { readAuthorization } from "../../worker/middleware/authorization.ts";

const basic = (text: string) => btoa(text);
const ID = "org-2.eu_1";
const TOKEN = "mca_org-2.eu_1.a1B2c3D4e5F6";

describe("the Authorization header", () => {
  it.each([
    ["Bearer", `Bearer ${TOKEN}`, { scheme: "bearer", user: null, secret: TOKEN }],
    ["a scheme in another case", `bEARER   ${TOKEN} `, { scheme: "bearer", user: null, secret: TOKEN }],
    ["Basic", `Basic ${basic(`${ID}:${TOKEN}`)}`, { scheme: "basic", user: ID, secret: TOKEN }],
    ["Basic in another case", `basic ${basic(`${ID}:${TOKEN}`)}`, { scheme: "basic", user: ID, secret: TOKEN }],
    [
      "Basic without padding",
      `Basic ${basic(`${ID}:${TOKEN}`).replaceAll("=", "")}`,
      { scheme: "basic", user: ID, secret: TOKEN },
    ],
    [
      "user-info with its percent signs left in",
      `Basic ${basic("org%2D2:mca_org%2D2.x")}`,
      { scheme: "basic", user: "org-2", secret: "mca_org-2.x" },
    ],
    ["a percent sign that means itself", `Basic ${basic("a%:b%zz")}`, { scheme: "basic", user: "a%", secret: "b%zz" }],
    ["a colon in the secret", `Basic ${basic("a:b:c")}`, { scheme: "basic", user: "a", secret: "b:c" }],
    ["a user alone", `Basic ${basic(ID)}`, { scheme: "basic", user: ID, secret: null }],
    ["a secret alone", `Basic ${basic(`:${TOKEN}`)}`, { scheme: "basic", user: null, secret: TOKEN }],
  ])("is read: %s", (_what, header, expected) => {
    expect(readAuthorization(header)).toEqual(expected);
  });

  it.each([
    "",
    "Bearer",
    "Bearer ",
    "Digest x",
    `Bearer ${TOKEN}, Bearer ${TOKEN}`,
    "Bearer a b",
    "Basic !",
    "Basic a",
  ])("cannot be read: %s", (header) => expect(readAuthorization(header)).toBeNull());
});
