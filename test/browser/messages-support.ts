import { afterAll, afterEach, beforeAll } from "vitest";
import { openSession, type RawClient } from "../support/raw-client.ts";
import { type Dashboard, startDashboard } from "./dashboard.ts";

/** A dashboard for the tests of a file, and an orchestrator of its own for each, so that the queues do not mix. */
export function useQueues() {
  let dashboard: Dashboard;
  const clients: RawClient[] = [];
  let count = 0;

  beforeAll(async () => {
    dashboard = await startDashboard();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.kill();
  });
  afterAll(() => dashboard?.stop());

  return {
    get dashboard() {
      return dashboard;
    },
    async connect() {
      count += 1;
      const id = `msg-org-${count}`;
      const client = await openSession(`${dashboard.stack.controller.wsUrl}/ws`, id);
      clients.push(client);
      return { id, client, path: `/messages?organization=${id}` };
    },
  };
}

export const messageRow = (id: string) => `.msg-row[data-id="${id}"]`;
