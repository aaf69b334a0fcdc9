import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, type NewUser } from "../../scripts/lib/user.ts";
import { type Stack, startStack } from "../support/stack.ts";

const PASSWORD = "correct horse battery";

describe("npm run user:create", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  const create = (user: Partial<NewUser>) =>
    createUser(
      { url: stack.database.url, ownerUrl: stack.database.ownerUrl, endpoint: stack.database.endpoint },
      { username: "Ada", role: "admin", organizations: [], password: PASSWORD, ...user },
    );

  it("makes a user who can log in and is audited", async () => {
    expect(await create({ organizations: ["acme"] })).toBe("ada");
    const login = { username: "ADA", password: PASSWORD };
    const answer = await stack.controller.call("POST", "/api/v1/internal/auth/login", login, { bearer: null });
    expect(answer.body.user).toMatchObject({ username: "ada", role: "admin" });
    const [row] = await stack.database.query(
      "SELECT action, target_id, after FROM activity_logs WHERE target_id = 'ada' AND action = 'user.create'",
    );
    expect(row).toEqual({ action: "user.create", target_id: "ada", after: { role: "admin", organizations: ["acme"] } });
    const [user] = await stack.database.query("SELECT password_hash FROM users");
    expect(user?.password_hash).toMatch(/^scrypt\$14\$8\$5\$/);
  });

  it.each([
    [{ username: "ada" }, "There is a user ada already."],
    [{ username: "bob", password: "fourteen chars" }, "at least 15 characters"],
    [{ username: "two words" }, "username must be"],
    [{ username: "bob", role: "root" as "admin" }, "role"],
    [{ username: "bob", role: "superadmin" as const, organizations: ["acme"] }, "not bound"],
  ])("refuses %j", async (user, message) => {
    await expect(create(user)).rejects.toThrow(message);
  });

  it("lets nobody in while the database is away, and says so", async () => {
    await stack.database.pause();
    const login = { username: "ada", password: PASSWORD };
    const answer = await stack.controller.call("POST", "/api/v1/internal/auth/login", login, { bearer: null });
    expect(answer.status).toBe(503);
    await stack.database.resume();
  });
});
