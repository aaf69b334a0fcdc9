import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Fleet } from "../../worker/fleet/fleet.ts";
import { orchestratorOf } from "../../worker/orchestrator/stub.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";

function loseDatabase() {
  vi.spyOn(console, "error").mockImplementation(() => {});
  return vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
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
});
