import { describe, expect, it } from "vitest";
import { type Actor, isBound, maySee, type Role, type Scope } from "../../worker/contract/actor.ts";
import { PERMISSIONS, type Permission, permits } from "../../worker/contract/permissions.ts";

const user = (role: Role, organizations: string[] | null = null): Actor => ({
  kind: "user",
  name: "someone",
  role,
  organizations,
});
const agent = (orchestratorId: string | null): Actor => ({
  kind: "agent",
  name: "agent",
  orchestratorId,
  organizations: null,
});
const token = (scope: Scope): Actor => ({ kind: "token", name: "t", scopes: [scope], organizations: null });
const anonymous: Actor = { kind: "anonymous" };

describe("permits", () => {
  it("lets a role do what the roles below it may", () => {
    expect(permits(user("viewer"), "organization.read")).toBe(true);
    expect(permits(user("viewer"), "config.publish")).toBe(false);
    expect(permits(user("superadmin"), "user.manage")).toBe(true);
  });

  it("lets a scope do what the scopes below it may, and no token become a person or make tokens", () => {
    expect(permits(token("read"), "organization.read")).toBe(true);
    expect(permits(token("read"), "config.publish")).toBe(false);
    expect(permits(token("admin"), "organization.delete")).toBe(true);
    expect(permits(token("admin"), "user.manage")).toBe(false);
    expect(permits(token("admin"), "api_token.manage")).toBe(false);
  });

  it("keeps agents and people apart", () => {
    expect(permits(agent(null), "organization.read")).toBe(false);
    expect(permits(user("superadmin"), "agent_token.rotate")).toBe(false);
    expect(permits(agent(null), "message.read")).toBe(true);
  });

  it("gives the anonymous what is public and nothing else", () => {
    const given = (Object.keys(PERMISSIONS) as Permission[]).filter((name) => permits(anonymous, name));
    expect(given.toSorted()).toEqual(["health.probe", "orchestrator.join", "session.open"]);
  });
});

describe("maySee", () => {
  const target = { orchestratorId: "orch-1", organizationId: "org-1" };

  it("shows everything to the unbound", () => {
    expect(maySee(user("viewer"), target)).toBe(true);
    expect(maySee(agent(null), target)).toBe(true);
  });

  it("hides what belongs to another organization or orchestrator", () => {
    expect(maySee(user("admin", ["org-1"]), target)).toBe(true);
    expect(maySee(user("admin", ["org-2"]), target)).toBe(false);
    expect(maySee(agent("orch-1"), target)).toBe(true);
    expect(maySee(agent("orch-2"), target)).toBe(false);
    expect(maySee(anonymous, target)).toBe(false);
  });

  it("knows who is bound to anything", () => {
    expect(isBound(user("viewer"))).toBe(false);
    expect(isBound(user("viewer", []))).toBe(true);
    expect(isBound(agent("orch-1"))).toBe(true);
  });
});
