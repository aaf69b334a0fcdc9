import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assertOrganizations, createUser, type Person } from "../../scripts/lib/user.ts";
import { type Stack, startStack } from "../support/stack.ts";

const PASSWORD = "correct horse battery";

describe("npm run user:create", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  const create = (user: Partial<Person & { password: string }>) =>
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

  it("names an organization that does not exist, before a password is asked for", async () => {
    await stack.register("user-org");
    const database = { url: stack.database.url, ownerUrl: stack.database.ownerUrl, endpoint: stack.database.endpoint };
    await assertOrganizations(database, ["user-org"]);
    await expect(assertOrganizations(database, ["user-org", "nosuch"])).rejects.toThrow(
      "There is no organization nosuch in this database.",
    );
  });

  it.each([
    [{ username: "ada" }, "There is a user ada already."],
    [{ username: "bob", password: "fourteen chars" }, "at least 15 characters"],
    [{ username: "bob", password: "Bob-Moolai-2026!" }, "The password is too easy to guess."],
    [{ username: "two words" }, "username must be"],
    [{ username: "bob", role: "root" as "admin" }, "role"],
    [{ username: "bob", role: "superadmin" as const, organizations: ["acme"] }, "none for a superadmin"],
  ])("refuses %j", async (user, message) => {
    await expect(create(user)).rejects.toThrow(message);
  });

  it("makes superadmins, of whom one who can log in always stays, however many are taken away at once", async () => {
    const users = "/api/v1/controller/users";
    for (const username of ["root-1", "root-2"]) await create({ username, role: "superadmin" });
    const invited = { username: "root-invited", role: "superadmin" };
    expect((await stack.controller.call("POST", users, invited)).status).toBe(200);
    const ids = new Map(
      (await stack.database.query("SELECT username, user_id FROM users")).map((row) => [row.username, row.user_id]),
    );
    const change = (username: string, body: object) =>
      stack.controller.call("PUT", `${users}/${ids.get(username)}`, body);
    const answers = await Promise.all([
      change("root-1", { is_active: false }),
      change("root-2", { role: "admin" }),
      change("root-2", { is_active: false }),
    ]);
    // The second change of root-2 may find an admin, whom anybody may deactivate.
    const changed = answers.filter(({ status }) => status === 200);
    expect([1, 2]).toContain(changed.length);
    const left = await stack.database.query(
      "SELECT username FROM users WHERE role = 'superadmin' AND is_active AND password_hash <> '!'",
    );
    expect(left).toHaveLength(1);
    const last = String(left[0]?.username);
    const refused = await change(last, { role: "admin" });
    expect([refused.status, refused.body.error?.code]).toEqual([409, "last_superadmin"]);
    expect((await change(last, { role: "superadmin" })).status).toBe(200);
  });

  it("lets nobody in while the database is away, and says so", async () => {
    await stack.database.pause();
    try {
      const login = { username: "ada", password: PASSWORD };
      const answer = await stack.controller.call("POST", "/api/v1/internal/auth/login", login, { bearer: null });
      expect(answer.status).toBe(503);
    } finally {
      await stack.database.resume();
    }
  });
});
