import { createUser } from "../../../scripts/lib/user.ts";
import type { Role } from "../../../worker/contract/actor.ts";
import { eventually, sleep } from "../../support/eventually.ts";
import { openSession } from "../../support/raw-client.ts";
import { seed } from "../../support/seed.ts";
import type { Dashboard } from "../dashboard.ts";

/** What the views point at. */
export interface Place {
  organizationId: string;
  /** Makes some of what happens in a fleet happen. */
  stir(): Promise<void>;
}

export interface Fleet {
  name: string;
  fill(dashboard: Dashboard): Promise<Place>;
}

/** Real orchestrators: what a browser shows of them is live. */
export const FLEETS: readonly Fleet[] = [
  {
    name: "1",
    async fill(dashboard) {
      dashboard.connect("org-002", { name: "Northwind Retail", location: "Frankfurt" });
      await connected(dashboard, 1);
      return { organizationId: "org-002", stir: () => comeAndGo(dashboard, "org-003") };
    },
  },
  { name: "40", fill: (dashboard) => seeded(dashboard, { organizations: 40, live: 60, independent: 3 }) },
  { name: "10000", fill: (dashboard) => seeded(dashboard, { organizations: 10_000, live: 30, independent: 2 }) },
];

interface SeededFleet {
  organizations: number;
  /** So many of its orchestrators are real and connected. */
  live: number;
  /** Of those. */
  independent: number;
}

async function seeded(dashboard: Dashboard, { organizations, live, independent }: SeededFleet): Promise<Place> {
  const { database, controller } = dashboard.stack;
  await seed((sql, params) => database.query(sql, params), { organizations, messages: organizations * 2 });
  const rows = await database.query(
    `SELECT orchestrator_id AS id, organization_id, name, location FROM orchestrator_instances WHERE status = 'active'
     ORDER BY organization_id, orchestrator_id LIMIT $1`,
    [live],
  );
  const orchestrators = rows.map(({ id, name, location }) => ({
    id: String(id),
    name: String(name),
    location: String(location),
  }));
  for (const { id, ...profile } of orchestrators) dashboard.connect(id, profile);
  await connected(dashboard, orchestrators.length);
  for (const { id } of orchestrators.slice(3, 3 + independent)) {
    const path = `/api/v1/internal/orchestrators/${id}/independence`;
    await controller.call("PUT", path, { is_independent: true });
  }
  await report(dashboard);
  const ids = [...new Set(rows.map(({ organization_id }) => String(organization_id)))];
  await createUsers(dashboard, ids.slice(0, 5));
  const [changing] = orchestrators.slice(-1);
  return {
    organizationId: String(ids[0]),
    async stir() {
      await comeAndGo(dashboard, "polaris-pharma-lisbon");
      const path = `/api/v1/internal/orchestrators/${changing?.id}/independence`;
      for (const is_independent of [true, false]) await controller.call("PUT", path, { is_independent });
    },
  };
}

async function createUsers(dashboard: Dashboard, organizations: string[]): Promise<void> {
  const { url, ownerUrl, endpoint } = dashboard.stack.database;
  const create = (username: string, role: Role, bound: string[]) =>
    createUser({ url, ownerUrl, endpoint }, { username, role, organizations: bound, password: "for pictures only" });
  await create("ada", "admin", []);
  await create("grace", "operator", organizations);
  await create("linus", "viewer", organizations.slice(0, 1));
}

async function comeAndGo(dashboard: Dashboard, id: string): Promise<void> {
  const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id);
  client.send({ type: "i_am_alive", health_status: "degraded" });
  await client.next("keepalive_ack");
  // Long enough for a step in the line of the connected.
  await sleep(1500);
  client.kill();
}

/** One that is ill and recommends something, for who looks at the newest. */
async function report(dashboard: Dashboard): Promise<void> {
  const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, "harbor-health-frankfurt");
  client.send({ type: "i_am_alive", health_status: "unhealthy" });
  const content = "Route short prompts to the small model: about 21 % cheaper at equal quality";
  client.send({
    type: "recommendation",
    data: { id: "route-short", content, metadata: { severity: "high", estimated_saving_usd: 1840 } },
  });
  await client.next("message_ack");
}

async function connected(dashboard: Dashboard, count: number): Promise<void> {
  await eventually(
    async () => {
      const { body } = await dashboard.stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
      if (Number(body.data?.total_count) < count) throw new Error(`${body.data?.total_count} of ${count} connected`);
    },
    { timeoutMs: 60_000, everyMs: 250 },
  );
}
