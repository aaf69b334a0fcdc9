import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL } from "./api.ts";

/** Where the refused connections of these tests come from. */
export const ADDRESS = "203.0.113.7";
export const FROM = { "CF-Connecting-IP": ADDRESS };

export interface Item {
  kind: string;
  severity: string;
  organization_id: string | null;
  orchestrator_id: string;
  since: string;
  count: number;
  refusal: { reason: string; address: string | null; last_at: string } | null;
}

export async function itemsOf(id: string, bearer?: string): Promise<Item[]> {
  const answer = await call("GET", `${CONTROLLER}/attention?limit=100`, bearer === undefined ? {} : { bearer });
  return answer.body.data.items.filter((item: Item) => item.orchestrator_id === id);
}

export async function linesOf(id: string): Promise<string[]> {
  const answer = await call("GET", `${INTERNAL}/logs?q=${id}&level=WARNING&limit=100`);
  return answer.body.logs.map(({ message }: { message: string }) => message);
}

export async function auditOf(id: string) {
  const answer = await call("GET", `${CONTROLLER}/audit?target=${id}&action=access.denied`);
  return answer.body.data.items;
}

/** One entry in what needs attention, and one line in the log. */
export async function seen(id: string, reason: string, severity = "high"): Promise<void> {
  await eventually(async () =>
    expect(await itemsOf(id)).toMatchObject([{ kind: "refused", severity, refusal: { reason, address: ADDRESS } }]),
  );
  expect(await linesOf(id)).toHaveLength(1);
}
