import { expect, it } from "vitest";
import type { Role, Scope } from "../../worker/contract/actor.ts";
import { isMakerGood, type MadeCredential, type MakerFacts } from "../../worker/contract/makers.ts";
import { ROLES, SCOPES } from "../../worker/contract/values/access.ts";

const NOW = 1_000_000;
type Person = NonNullable<MakerFacts["person"]>;
type Token = NonNullable<MakerFacts["token"]>;

const person = (change: Partial<Person> = {}): Person => ({
  ...{ name: "ada", isActive: true, role: "admin", organizations: ["acme"] },
  ...change,
});
const token = (change: Partial<Token> = {}): Token => ({
  ...{ createdBy: "user:ada", name: "ci (a1B2c3D4e5)", scopes: ["admin"], organizations: ["acme"] },
  ...{ expiresAt: NOW + 1, isRevoked: false },
  ...change,
});
const byPerson = (change: Partial<Person> | null): MakerFacts => ({
  createdBy: "user:ada",
  token: null,
  person: change && person(change),
});
const byToken = (change: Partial<Token> | null, owner: Partial<Person> | null = {}): MakerFacts => ({
  createdBy: "token:ci (a1B2c3D4e5)",
  token: change && token(change),
  person: owner && person(owner),
});

const MADE: MadeCredential[] = [
  { kind: "api_token", organizations: ["acme"] },
  { kind: "join_token", organizationId: "acme" },
  { kind: "link", role: "viewer", organizations: ["acme"] },
];
const goodOf = (maker: MakerFacts) => MADE.filter((made) => isMakerGood(made, maker, NOW)).map(({ kind }) => kind);

it.each<[string, MakerFacts, string[]]>([
  ["a person", byPerson({}), ["api_token", "join_token", "link"]],
  ["a person who is not bound", byPerson({ organizations: null }), ["api_token", "join_token", "link"]],
  ["a superadmin", byPerson({ role: "superadmin", organizations: null }), ["api_token", "join_token", "link"]],
  ["a deactivated person", byPerson({ isActive: false }), []],
  ["a person of a role that is too low", byPerson({ role: "operator" }), []],
  ["a person of another organization", byPerson({ organizations: ["globex"] }), []],
  ["a person of no organization", byPerson({ organizations: [] }), []],
  ["a person who is gone", byPerson(null), []],
  ["an API token", byToken({}), ["join_token"]],
  ["an API token that has no end", byToken({ expiresAt: null }), ["join_token"]],
  ["an API token that ends at this moment", byToken({ expiresAt: NOW }), []],
  ["a revoked API token", byToken({ isRevoked: true }), []],
  ["an API token that is gone", byToken(null), []],
  ["an API token of a scope that is too low", byToken({ scopes: ["operate"] }), []],
  ["an API token of another organization", byToken({ organizations: ["globex"] }), []],
  ["an API token of a deactivated person", byToken({}, { isActive: false }), []],
  ["an API token of somebody who may not make it now", byToken({}, { role: "operator" }), []],
  ["an API token of somebody who reaches less than it", byToken({ organizations: null }), []],
  ["an API token of somebody who is gone", byToken({}, null), []],
  ["nobody", { createdBy: null, token: null, person: null }, []],
  ["an orchestrator", { createdBy: "agent:acme-1", token: null, person: null }, []],
])("what was made by %s", (_, maker, good) => {
  expect(goodOf(maker)).toEqual(good);
});

it("a link is good for people whom its maker may change, as they are now", () => {
  const isGood = (role: Role, organizations: string[] | null) =>
    isMakerGood({ kind: "link", role, organizations }, byPerson({}), NOW);
  expect(ROLES.filter((role) => isGood(role, ["acme"]))).toEqual(["viewer", "operator", "admin"]);
  expect([isGood("viewer", null), isGood("viewer", ["acme", "globex"]), isGood("viewer", ["globex"])]).toEqual([
    false,
    false,
    false,
  ]);
});

it("no scope lets an API token make people or other tokens", () => {
  for (const scope of SCOPES satisfies readonly Scope[]) {
    expect(goodOf(byToken({ scopes: [scope] }))).not.toContain("link");
    expect(goodOf(byToken({ scopes: [scope] }))).not.toContain("api_token");
  }
});
