import type { Controller } from "./controller.ts";
import { eventually } from "./eventually.ts";
import { openSession, type RawClient } from "./raw-client.ts";

/** Registrations and connections at a time: few enough that none waits too long for the database on a busy machine. */
const BATCH = 10;

/** Registers and connects `count` orchestrators of one organization. */
export async function connectFleet(controller: Controller, organization: string, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let start = 0; start < count; start += BATCH) {
    const ids = Array.from(
      { length: Math.min(BATCH, count - start) },
      (_, index) => `${organization}-${start + index}`,
    );
    const opened = await Promise.all(
      ids.map(async (id) => {
        const body = { orchestrator_id: id, organization_id: organization, name: id };
        const { status, text } = await controller.call("POST", "/api/v1/internal/orchestrators/register", body);
        if (status !== 200) throw new Error(`register ${id}: ${status} ${text}`);
        return await openSession(`${controller.wsUrl}/ws`, id);
      }),
    );
    clients.push(...opened);
  }
  await eventually(async () => {
    const { body } = await controller.call("GET", "/api/v1/controller/orchestrators/live");
    const total = Number(body.data?.total_count);
    if (total < count) throw new Error(`${total} of ${count} are live`);
  });
  return clients;
}

/** Publishes features and returns their revision. */
export async function putFeatures(controller: Controller, organization: string, features: object): Promise<number> {
  const path = `/api/v1/controller/organizations/${organization}/features`;
  const { status, text, body } = await controller.call("PUT", path, { features });
  if (status !== 200) throw new Error(`PUT features: ${status} ${text}`);
  return Number(body.data?.revision);
}

/** The revisions that a client was told since it connected, in order, with the time of arrival. */
export function toldRevisions(client: RawClient): { revision: number; at: number }[] {
  const told = client.frames.flatMap(({ dir, at, frame }) =>
    dir === "in" && typeof frame === "object" && frame.type === "provision_config"
      ? [{ revision: Number(frame.revision), at }]
      : [],
  );
  return told.slice(1);
}
