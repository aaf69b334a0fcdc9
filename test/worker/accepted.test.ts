import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Fleet } from "../../worker/fleet/fleet.ts";
import { Orchestrator } from "../../worker/orchestrator/orchestrator.ts";
import { orchestratorOf } from "../../worker/orchestrator/stub.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { createPerson, USERS } from "./people.ts";
import { statementOf } from "./statements.ts";

function loseDatabase() {
  vi.spyOn(console, "error").mockImplementation(() => {});
  return vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
}

/** Postgres goes away when it has executed a statement with this text. */
function loseDatabaseAfter(text: string) {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const { fetch } = globalThis;
  let isLost = false;
  return vi.spyOn(globalThis, "fetch").mockImplementation(async (...request) => {
    if (isLost) throw new TypeError("fetch failed");
    const answer = await fetch(...request);
    isLost = statementOf(request).includes(text);
    return answer;
  });
}

const LOST = { success: false, error: { code: "database_unavailable", accepted: false } };
const KEPT = { success: false, error: { code: "database_unavailable", accepted: true } };

const configOf = async (id: string) => (await call("GET", `${CONTROLLER}/organizations/${id}/config`)).body;

describe("whether a change will be finished", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("is said of a change that an orchestrator's object keeps, and of one that it cannot judge", async () => {
    await register("acc-known");
    const away = loseDatabase();
    const body = { is_independent: true };
    expect((await call("PUT", `${INTERNAL}/orchestrators/acc-known/independence`, { body })).body).toMatchObject(KEPT);
    expect((await call("PUT", `${INTERNAL}/orchestrators/acc-unknown/independence`, { body })).body).toMatchObject(
      LOST,
    );
    away.mockRestore();
    const known = await orchestratorOf(env, "acc-known").describe();
    expect(known?.view.isIndependent).toBe(true);
  });

  it("is said of a configuration", async () => {
    await register("acc-config");
    const publish = (features: object) =>
      call("PUT", `${CONTROLLER}/organizations/acc-config/config`, { body: { features } });
    const away = loseDatabase();
    expect((await publish({ lost: 1 })).body).toMatchObject(LOST);
    away.mockRestore();
    expect((await configOf("acc-config")).data).toMatchObject({ revision: 0, features: {} });

    vi.spyOn(Fleet.prototype, "publishConfig").mockRejectedValueOnce(new Error("busy"));
    const stored = await publish({ kept: 1 });
    expect(stored.status).toBe(503);
    expect(stored.body).toMatchObject({
      message: expect.stringMatching(/revision 1/i),
      error: { code: "overloaded", accepted: true },
    });
    expect((await configOf("acc-config")).data).toMatchObject({ revision: 1, features: { kept: 1 } });
  });

  it("is said of an organization, of which nothing is kept without its configuration", async () => {
    const create = (id: string, features: object) =>
      call("POST", `${CONTROLLER}/organizations`, { body: { org_id: id, features } });
    const away = loseDatabase();
    expect((await create("acc-new", { cache: true })).body).toMatchObject(LOST);
    away.mockRestore();
    // Such a number has 301 digits in Postgres, and so is larger there than in the request.
    const large = Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`f${index}`, [1e300, 1e300, 1e300]]));
    expect((await create("acc-new", large)).status).toBe(422);
    expect((await configOf("acc-new")).error.code).toBe("not_found");

    vi.spyOn(Fleet.prototype, "publishConfig").mockRejectedValueOnce(new Error("busy"));
    const kept = await create("acc-new", { cache: true });
    expect(kept.body).toMatchObject({ error: { code: "overloaded", accepted: true } });
    expect((await configOf("acc-new")).data).toMatchObject({ revision: 1, features: { cache: true } });

    expect((await create("acc-new", { other: true })).body.error.code).toBe("already_exists");
    expect((await configOf("acc-new")).data).toMatchObject({ revision: 1, features: { cache: true } });
  });

  it("is not claimed of an organization of which only one orchestrator has accepted it", async () => {
    await register("acc-gone");
    const read = vi.spyOn(Fleet.prototype, "deregister").mockResolvedValueOnce({
      ok: false,
      code: "database_unavailable",
      accepted: true,
      message: "The change is accepted.",
    });
    vi.spyOn(console, "error").mockImplementation(() => {});
    const removed = await call("DELETE", `${CONTROLLER}/organizations/acc-gone`);
    expect(read).toHaveBeenCalledOnce();
    expect(removed.body).toMatchObject(LOST);
  });

  it("is said of an edit that is stored, although the answer cannot be read, and a repeated edit is no conflict", async () => {
    await register("acc-edit");
    const path = `${CONTROLLER}/organizations/acc-edit`;
    const { edit_version: expected_version } = (await call("GET", path)).body.data;
    const edit = { body: { name: "Edited", expected_version } };
    const away = loseDatabaseAfter("UPDATE organizations");
    expect((await call("PUT", path, edit)).body).toMatchObject(KEPT);
    away.mockRestore();
    const again = await call("PUT", path, edit);
    expect(again.body.data, again.text).toMatchObject({ name: "Edited", edit_version: expected_version + 1 });
  });

  it("is said of an organization whose orchestrator could not be renamed, which the same edit renames", async () => {
    await register("acc-name");
    const path = `${CONTROLLER}/organizations/acc-name`;
    const { edit_version: expected_version } = (await call("GET", path)).body.data;
    const edit = { body: { name: "Named", expected_version } };
    vi.spyOn(console, "error").mockImplementation(() => {});
    const renamed = vi.spyOn(Orchestrator.prototype, "rename").mockRejectedValueOnce(new Error("busy"));
    const failed = await call("PUT", path, edit);
    expect(failed.body, failed.text).toMatchObject({ success: false, error: { accepted: false } });
    expect((await call("PUT", path, edit)).status).toBe(200);
    expect(renamed).toHaveBeenCalledTimes(2);
  });

  it("is said of a person who is created, and of access whose tokens are not ended yet", async () => {
    let away = loseDatabaseAfter("INSERT INTO users");
    const body = { username: "acc-made", role: "viewer", organizations: null };
    expect((await call("POST", USERS, { body })).body).toMatchObject(KEPT);
    away.mockRestore();

    const person = await createPerson("acc-person", "operator");
    const path = `${USERS}/${person.user_id}`;
    const [seen] = (await call("GET", `${USERS}?q=acc-person`)).body.data.items;
    const change = { body: { role: "viewer", expected_version: seen.edit_version } };
    away = loseDatabaseAfter("UPDATE users");
    const failed = await call("PUT", path, change);
    expect(failed.body).toMatchObject({
      message: expect.stringContaining("is changed"),
      error: { code: "overloaded", accepted: false },
    });
    away.mockRestore();
    expect((await call("PUT", path, change)).body.data).toMatchObject({ role: "viewer" });
  });

  it("is not in doubt because a line of the log is lost", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const lost = vi.spyOn(Fleet.prototype, "log").mockRejectedValue(new Error("busy"));
    const made = await call("POST", `${CONTROLLER}/organizations`, { body: { org_id: "acc-line" } });
    expect(made.status, made.text).toBe(200);
    expect((await call("DELETE", `${CONTROLLER}/organizations/acc-line`)).status).toBe(200);
    expect(lost).toHaveBeenCalledTimes(2);
  });

  it("is said of a decision that its orchestrator has not received, which the same decision sends", async () => {
    await register("acc-decided");
    const body = { message_type: "monitoring", content: "x" };
    const { message_id } = (await call("POST", `${INTERNAL}/orchestrators/acc-decided/messages`, { body })).body;
    const decide = () => call("PUT", `${INTERNAL}/messages/${message_id}/status`, { body: { status: "accepted" } });
    vi.spyOn(console, "error").mockImplementation(() => {});
    const announced = vi.spyOn(Orchestrator.prototype, "announceDecision").mockRejectedValueOnce(new Error("busy"));
    const failed = await eventually(async () => {
      const answer = await decide();
      expect(answer.status, answer.text).not.toBe(404);
      return answer;
    });
    expect(failed.body, failed.text).toMatchObject({ success: false, error: { accepted: false } });
    expect((await decide()).status).toBe(200);
    expect(announced).toHaveBeenCalledTimes(2);
  });
});
