import type { BrowserContextOptions } from "playwright-core";
import { expect } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { eventually } from "../support/eventually.ts";
import type { RawClient } from "../support/raw-client.ts";
import type { Stack } from "../support/stack.ts";
import { type Dashboard, logIn, type Screen } from "./dashboard.ts";

/** A page behind the login. */
export async function openSignedIn(
  dashboard: Dashboard,
  path: string,
  options?: BrowserContextOptions,
): Promise<Screen> {
  const screen = await dashboard.open(`/login?next=${encodeURIComponent(path)}`, options);
  await logIn(screen.page);
  await screen.page.getByRole("heading", { level: 1 }).waitFor();
  return screen;
}

/** A page of somebody who may only look. */
export async function openAsViewer(dashboard: Dashboard, path: string): Promise<Screen> {
  const { url, ownerUrl, endpoint } = dashboard.stack.database;
  const password = "correct horse battery";
  const user = { username: "vera", role: "viewer" as const, organizations: [], password };
  // There already after the first time.
  await createUser({ url, ownerUrl, endpoint }, user).catch(() => undefined);
  const screen = await dashboard.open(`/login?next=${encodeURIComponent(path)}`);
  await logIn(screen.page, user.username, password);
  await screen.page.getByRole("heading", { level: 1 }).waitFor();
  return screen;
}

/** Switches independence as another operator does. */
export async function setIndependence(dashboard: Dashboard, id: string, isIndependent: boolean): Promise<void> {
  const path = `/api/v1/internal/orchestrators/${id}/independence`;
  // 503 while a starved database does not answer in time.
  await eventually(async () => {
    const { status } = await dashboard.stack.controller.call("PUT", path, { is_independent: isIndependent });
    expect(status).toBe(200);
  });
}

/** Has an orchestrator send a message; answers with its id. */
export async function tell(
  client: RawClient,
  type: "recommendation" | "monitoring_report",
  content: string,
  metadata: Record<string, unknown> = {},
): Promise<string> {
  client.send({ type, data: { content, metadata } });
  return String((await client.next("message_ack")).message_id);
}

export async function statusOf(stack: Stack, id: string): Promise<string> {
  const [row] = await stack.database.query("SELECT status FROM orchestrator_messages WHERE id = $1", [id]);
  return String(row?.status);
}
