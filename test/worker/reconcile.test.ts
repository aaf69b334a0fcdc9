import { env } from "cloudflare:workers";
import { eq, sql } from "drizzle-orm";
import { describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { orchestratorInstances as instances, organizations } from "../../worker/db/schema.ts";
import { reconcile } from "../../worker/reconcile.ts";
import { Client, orchestratorRpc } from "./client.ts";

const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "test" };
const db = database(env);

async function rowOf(id: string) {
  const [row] = await db.select().from(instances).where(eq(instances.orchestratorId, id));
  return row;
}

async function markActive(id: string): Promise<void> {
  await db.update(instances).set({ status: "active" }).where(eq(instances.orchestratorId, id));
  await db.update(organizations).set({ status: "active" }).where(eq(organizations.organizationId, id));
}

describe("reconcile", () => {
  it("sets right what Postgres holds for active and the objects do not", async () => {
    await orchestratorRpc("rec-silent").register({ organizationId: null, fields: {}, audit: AUDIT });
    await db.insert(organizations).values({ organizationId: "rec-orphan", name: "Orphan" });
    await db.insert(instances).values({ orchestratorId: "rec-orphan", organizationId: "rec-orphan" });
    await Client.connect("rec-live");
    await vi.waitFor(async () => expect(await rowOf("rec-live")).toMatchObject({ status: "active" }), 10_000);
    for (const id of ["rec-silent", "rec-orphan"]) await markActive(id);

    expect(await reconcile(env)).toMatchObject({ checked: 3, absent: 1 });
    await vi.waitFor(async () => {
      expect(await rowOf("rec-silent")).toMatchObject({ status: "inactive" });
      expect(await rowOf("rec-orphan")).toMatchObject({ status: "inactive" });
      expect(await rowOf("rec-live")).toMatchObject({ status: "active" });
    }, 10_000);
    const [orphan] = await db.select().from(organizations).where(eq(organizations.organizationId, "rec-orphan"));
    expect(orphan).toMatchObject({ status: "inactive" });
    expect(await reconcile(env)).toMatchObject({ checked: 1, absent: 0 });
  });

  it("pushes a configuration whose publication was cut off", async () => {
    await orchestratorRpc("rec-config").register({ organizationId: null, fields: {}, audit: AUDIT });
    const payload = JSON.stringify({
      organization_id: "rec-config",
      merge: true,
      features: { cache: { enabled: true } },
      actor: "test",
    });
    await db.execute(sql`SELECT publish_config(${payload}::jsonb)`);
    expect(await reconcile(env)).toMatchObject({ published: 1 });
    await vi.waitFor(async () => {
      expect((await orchestratorRpc("rec-config").describe())?.view).toMatchObject({
        configRevision: 1,
        configState: "queued",
      });
      expect(await rowOf("rec-config")).toMatchObject({ configRevision: 1, configState: "queued" });
    }, 10_000);
    expect(await reconcile(env)).toMatchObject({ published: 0 });
  });

  it("gives a newly registered orchestrator what its organization has published", async () => {
    await orchestratorRpc("rec-first").register({ organizationId: "rec-org", fields: {}, audit: AUDIT });
    const payload = JSON.stringify({
      organization_id: "rec-org",
      features: { firewall: { enabled: true } },
      actor: "test",
    });
    await db.execute(sql`SELECT publish_config(${payload}::jsonb)`);
    await orchestratorRpc("rec-second").register({ organizationId: "rec-org", fields: {}, audit: AUDIT });
    const client = await Client.connect("rec-second");
    await client.until("provision_config", 1);
    expect(client.frames.find(({ type }) => type === "provisioning")).toMatchObject({
      data: { features: { firewall: { enabled: true } } },
    });
  });
});
