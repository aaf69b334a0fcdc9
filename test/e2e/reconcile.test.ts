import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

describe("the scheduled reconciliation", () => {
  let stack: Stack;
  let live: RawClient;

  beforeAll(async () => {
    stack = await startStack();
    live = await openSession(`${stack.controller.wsUrl}/ws`, "rec-live");
    await stack.register("rec-silent");
  });
  afterAll(async () => {
    live?.kill();
    await stack?.stop();
  });

  it("sets right what Postgres holds for active and the objects do not", async () => {
    const { database } = stack;
    await eventually(async () => expect(await stack.instance("rec-live")).toMatchObject({ status: "active" }));
    await database.query("INSERT INTO organizations (organization_id, name) VALUES ('rec-orphan', 'Orphan')");
    await database.query(
      "INSERT INTO orchestrator_instances (orchestrator_id, organization_id, presence_epoch) VALUES ('rec-orphan', 'rec-orphan', 3)",
    );
    await database.query("UPDATE orchestrator_instances SET status = 'active'");
    await database.query("UPDATE organizations SET status = 'active'");

    await stack.controller.runCron();
    await eventually(async () => {
      expect(await stack.instance("rec-silent")).toMatchObject({ status: "inactive" });
      expect(await stack.instance("rec-orphan")).toMatchObject({ status: "inactive" });
      expect(await stack.organization("rec-orphan")).toMatchObject({ status: "inactive" });
    });
    expect(await stack.instance("rec-live")).toMatchObject({ status: "active" });
  });

  it("pushes a configuration whose publication was cut off after it was stored", async () => {
    await stack.database.query("SELECT publish_config($1::jsonb)", [
      JSON.stringify({
        organization_id: "rec-live",
        merge: true,
        features: { cache: { enabled: true } },
        actor: "test",
      }),
    ]);
    await stack.controller.runCron();
    await eventually(async () => {
      const [row] = await stack.database.query(
        "SELECT config_revision::int AS revision, config_state AS state FROM orchestrator_instances WHERE orchestrator_id = 'rec-live'",
      );
      expect(row).toEqual({ revision: 1, state: "sent" });
    });
  });

  it("lets a command reach an orchestrator that only Postgres remembers", async () => {
    const { body, status } = await stack.controller.call(
      "DELETE",
      "/api/v1/internal/orchestrators/rec-orphan/deregister",
    );
    expect([status, body.success]).toEqual([200, true]);
    expect(await stack.instance("rec-orphan")).toBeNull();
  });
});
