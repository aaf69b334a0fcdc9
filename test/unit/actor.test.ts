import { describe, expect, it } from "vitest";
import { type Actor, isBound, mayAccess, maySee, type Role } from "../../worker/contract/actor.ts";

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
const anonymous: Actor = { kind: "anonymous" };

describe("mayAccess", () => {
  it("lets a role do what the roles below it may", () => {
    expect(mayAccess(user("viewer"), ["viewer"])).toBe(true);
    expect(mayAccess(user("viewer"), ["operator"])).toBe(false);
    expect(mayAccess(user("superadmin"), ["admin"])).toBe(true);
  });

  it("keeps agents and people apart", () => {
    expect(mayAccess(agent(null), ["viewer"])).toBe(false);
    expect(mayAccess(user("superadmin"), ["agent"])).toBe(false);
    expect(mayAccess(agent(null), ["agent", "viewer"])).toBe(true);
  });

  it("gives the anonymous what is public and nothing else", () => {
    expect(mayAccess(anonymous, ["public"])).toBe(true);
    expect(mayAccess(anonymous, ["agent", "viewer", "operator", "admin"])).toBe(false);
    expect(mayAccess(user("superadmin"), [])).toBe(false);
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
