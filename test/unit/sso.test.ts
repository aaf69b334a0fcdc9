import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { newUsername } from "../../worker/contract/people.ts";
import { ROLES } from "../../worker/contract/values/access.ts";
import { numberedName, wantedName } from "../../worker/sso/names.ts";
import { type AccessRule, accessOf, lacksClaims, roleMap } from "../../worker/sso/rules.ts";
import { loginSettings, parseLogin } from "../../worker/sso/settings.ts";

const rules = roleMap("groups").parse([
  { group: "fleet-admins", role: "superadmin" },
  { group: "acme-ops", role: "operator", organizations: ["acme"] },
  { group: "globex-ops", role: "operator", organizations: ["globex"] },
  { group: "acme-admins", role: "admin", organizations: ["acme"] },
  { claim: "email", value: "ada@acme.example", role: "viewer", organizations: ["acme"] },
  { claim: "realm_access.roles", value: "auditor", role: "viewer", organizations: "all" },
  { claim: "https://idp.example/team", value: "sre", role: "operator", organizations: { claim: "tenants" } },
]);

describe("the access that the rules give", () => {
  it.each([
    [{ groups: ["fleet-admins", "acme-ops"] }, { role: "superadmin", organizations: null }],
    [{ groups: ["globex-ops", "acme-ops"] }, { role: "operator", organizations: ["acme", "globex"] }],
    // Never admin of globex: no rule says so.
    [{ groups: ["globex-ops", "acme-admins"] }, { role: "admin", organizations: ["acme"] }],
    [
      { email: "ada@acme.example", email_verified: true },
      { role: "viewer", organizations: ["acme"] },
    ],
    [
      { email: "ada@acme.example", email_verified: "true" },
      { role: "viewer", organizations: ["acme"] },
    ],
    // Whoever typed the address: Entra ID says nothing of it, and lets people edit it.
    [{ email: "ada@acme.example" }, { refused: "no_group" }],
    [{ email: "ada@acme.example", email_verified: false }, { refused: "no_group" }],
    [{ email: "ada@acme.example", email_verified: "false" }, { refused: "no_group" }],
    [{ email: "ada@acme.example", email_verified: 1 }, { refused: "no_group" }],
    // One group, as some providers send it.
    [{ groups: "acme-ops" }, { role: "operator", organizations: ["acme"] }],
    [{ realm_access: { roles: ["auditor"] } }, { role: "viewer", organizations: null }],
    [
      { "https://idp.example/team": "sre", tenants: ["acme", "not an id", 7, "acme"] },
      { role: "operator", organizations: ["7", "acme"] },
    ],
    // The claim that should name the organizations names none.
    [{ "https://idp.example/team": "sre", tenants: [] }, { refused: "no_group" }],
    [{ groups: ["acme-ops "] }, { refused: "no_group" }],
    [{ groups: ["Acme-Ops"] }, { refused: "no_group" }],
    [{ groups: { "acme-ops": true } }, { refused: "no_group" }],
    [{ groups: null }, { refused: "no_group" }],
    [{ groups: [] }, { refused: "no_group" }],
    // The provider has said nothing at all of what the rules look at.
    [{}, { refused: "claims_missing" }],
    [{ realm_access: {}, tenants: ["acme"] }, { refused: "claims_missing" }],
    [{ _claim_names: { groups: "src1" } }, { refused: "groups_left_out" }],
    [{ hasgroups: true }, { refused: "groups_left_out" }],
    [JSON.parse('{"__proto__": {"groups": ["fleet-admins"]}}'), { refused: "claims_missing" }],
  ])("%j", (claims, access) => {
    expect(accessOf(claims, rules)).toEqual(access);
  });

  it("gives no role in an organization where no rule that fits gives at least it", () => {
    const group = fc.constantFrom("a", "b", "c");
    const organization = fc.constantFrom("org-1", "org-2", "org-3");
    const anyRule = fc.record({
      claim: fc.constant("groups"),
      value: group,
      role: fc.constantFrom(...ROLES),
      organizations: fc.oneof(fc.constant("all" as const), fc.uniqueArray(organization, { minLength: 1 })),
    });
    const property = fc.property(fc.array(anyRule), fc.uniqueArray(group), (given: AccessRule[], groups: string[]) => {
      const access = accessOf({ groups }, given);
      const fitting = given.filter(({ value }) => groups.includes(value));
      expect("refused" in access).toBe(fitting.length === 0);
      if ("refused" in access) return;
      for (const id of access.organizations ?? ["any other"]) {
        const isGiven = fitting.some(
          ({ role, organizations }) =>
            ROLES.indexOf(role) >= ROLES.indexOf(access.role) &&
            (organizations === "all" || (Array.isArray(organizations) && organizations.includes(id))),
        );
        expect(isGiven).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("asks for more claims only when one of its rules looks at a missing one", () => {
    const groups = roleMap("groups").parse([{ group: "a", role: "superadmin" }]);
    expect(lacksClaims({ groups: [] }, groups)).toBe(false);
    expect(lacksClaims({ sub: "x" }, groups)).toBe(true);
    const email = roleMap("groups").parse([{ claim: "email", value: "a@b.example", role: "superadmin" }]);
    expect(lacksClaims({ email: "a@b.example" }, email)).toBe(true);
    expect(lacksClaims({ email: "a@b.example", email_verified: false }, email)).toBe(false);
  });
});

describe("the name of an account", () => {
  it.each([
    [{ preferred_username: "Alice", email: "a@b.example", sub: "1" }, "alice"],
    [{ email: "Alice@Corp.example", email_verified: true, sub: "1" }, "alice@corp.example"],
    [{ email: "boss@corp.example", name: "Mallory M", sub: "1" }, "mallory-m"],
    [{ email: "boss@corp.example", email_verified: false, name: "Mallory M", sub: "1" }, "mallory-m"],
    [{ preferred_username: "a\u202eb", upn: "x@y.example", sub: "1" }, "x@y.example"],
    [{ preferred_username: 7, sub: "00u1abc" }, "sso-00u1abc"],
    [{ sub: "\u200b" }, "sso-user"],
  ])("%j", (claims, name) => {
    expect(wantedName(claims)).toBe(name);
  });

  it("can always be stored, however often it is taken", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 230, maxLength: 300 }));
    fc.assert(
      fc.property(text, fc.nat(9_999), (value, n) => {
        const name = numberedName(wantedName({ preferred_username: value, sub: value }), n + 1);
        expect(newUsername.safeParse(name)).toEqual({ success: true, data: name });
      }),
      { numRuns: 100 },
    );
  });
});

describe("the settings of the login", () => {
  const complete = {
    PUBLIC_URL: "https://moolai.example/",
    OIDC_ISSUER: "https://login.example/realms/x",
    OIDC_CLIENT_ID: "moolai",
    OIDC_ROLE_MAP: '[{"group": "a", "role": "superadmin"}]',
  };
  const parse = (given: Record<string, string>, isDevelopment = false) =>
    parseLogin(z.object(loginSettings).parse(given), isDevelopment);

  it("are none where none is given", () => {
    const none = { login: { publicUrl: null, localLogin: "everyone", sso: null }, problems: [], warnings: [] };
    expect(parse({})).toEqual(none);
    expect(parse({ OIDC_ISSUER: " ", OIDC_CLIENT_ID: "", LOCAL_LOGIN: "" })).toEqual(none);
  });

  it("have sensible defaults", () => {
    const { login, problems } = parse({ ...complete, LOCAL_LOGIN: "superadmins", OIDC_SCOPES: "profile, groups" });
    expect(problems).toEqual([]);
    expect(login).toEqual({
      publicUrl: "https://moolai.example",
      localLogin: "superadmins",
      sso: {
        issuer: "https://login.example/realms/x",
        clientId: "moolai",
        clientSecret: null,
        scopes: "openid profile groups",
        rules: [{ claim: "groups", value: "a", role: "superadmin", organizations: "all" }],
        button: "Log in with single sign-on",
      },
    });
  });

  it("work without the issuer, as while they are set one after the other, and say which mean nothing", () => {
    const { login, problems, warnings } = parse({ OIDC_CLIENT_SECRET: "x", OIDC_CLIENT_ID: "y" });
    expect([login.sso, problems]).toEqual([null, []]);
    expect(warnings).toEqual([
      "OIDC_CLIENT_ID has no effect without OIDC_ISSUER",
      "OIDC_CLIENT_SECRET has no effect without OIDC_ISSUER",
    ]);
  });

  it("allow plain HTTP on this machine alone, and in development alone", () => {
    const local = { ...complete, OIDC_ISSUER: "http://localhost:9000", PUBLIC_URL: "http://127.0.0.1:8787" };
    expect(parse(local, true).problems).toEqual([]);
    expect(parse(local).problems).toHaveLength(2);
    expect(parse({ ...complete, OIDC_ISSUER: "http://login.example" }, true).problems).toHaveLength(1);
  });

  it.each([
    [{ ...complete, OIDC_ISSUER: "login.example" }, "OIDC_ISSUER must be an https:// address"],
    [{ ...complete, OIDC_CLIENT_ID: "" }, "OIDC_CLIENT_ID is missing"],
    [{ ...complete, OIDC_ROLE_MAP: "" }, "OIDC_ROLE_MAP is missing"],
    [{ ...complete, OIDC_ROLE_MAP: "{" }, "OIDC_ROLE_MAP must be JSON"],
    [{ ...complete, PUBLIC_URL: "" }, "PUBLIC_URL is missing, and single sign-on needs it"],
    [
      { ...complete, PUBLIC_URL: "https://moolai.example/app" },
      "PUBLIC_URL must be an https:// address without a path",
    ],
    [
      { LOCAL_LOGIN: "superadmins" },
      "LOCAL_LOGIN may be superadmins only where others have single sign-on: set OIDC_ISSUER",
    ],
    [
      { ...complete, OIDC_ROLE_MAP: '[{"group": "secret-group", "role": "operator"}]' },
      'OIDC_ROLE_MAP cannot be used: rule 1: needs "organizations": a list of ids, "all", or {"claim": …}',
    ],
    [
      { ...complete, OIDC_ROLE_MAP: '[{"group": "secret-group", "role": "superadmin", "organizations": ["a"]}]' },
      "OIDC_ROLE_MAP cannot be used: rule 1: a superadmin is not bound to organizations",
    ],
    [
      { ...complete, OIDC_ROLE_MAP: '[{"claim": "x", "role": "superadmin"}]' },
      'OIDC_ROLE_MAP cannot be used: rule 1: needs either "group", or "claim" and "value"',
    ],
  ])("%j", (given, problem) => {
    expect(parse(given).problems).toEqual([problem]);
  });
});
