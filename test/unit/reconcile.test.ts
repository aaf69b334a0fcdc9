import { afterEach, describe, expect, it, vi } from "vitest";
import { reconcile } from "../../worker/jobs/reconcile.ts";

const CONFIG = { revision: 1, hash: "h", features: {}, settings: {}, policies: {} };

vi.mock("../../worker/db/client.ts", () => ({ withDatabase: (_env: unknown, work: () => unknown) => work() }));
vi.mock("../../worker/db/reconcile.ts", () => ({
  activeAfter: () => [],
  laggingOrganizations: () => ["too-large", "waiting"].map((organizationId) => ({ organizationId, config: CONFIG })),
  markAbsent: () => {},
}));

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the reconciler", () => {
  it("hands out the configurations behind one that no shard takes", async () => {
    const logged = vi.spyOn(console, "error").mockImplementation(() => {});
    const taken: string[] = [];
    const shard = {
      cursor: () => "",
      publishConfig: (organizationId: string) => {
        if (organizationId === "too-large") throw new Error("string or blob too big");
        taken.push(organizationId);
      },
    };
    const env = { DEV_BEARER_TOKEN: "token", FLEET: { getByName: () => shard } } as unknown as Parameters<
      typeof reconcile
    >[0];
    expect(await reconcile(env)).toEqual({ checked: 0, absent: 0, published: 1 });
    expect(taken).toEqual(["waiting"]);
    expect(logged.mock.calls.flat().join("")).toContain("too-large");
  });
});
