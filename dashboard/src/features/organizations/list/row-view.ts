import { type Accessor, createMemo } from "solid-js";
import type { ConfigState, Health, Status } from "../../../lib/api.ts";
import { type ConnectionMode, useFleet } from "../../../live/context.ts";
import { summarizeOrganization } from "../../organization/summary.ts";
import type { Item } from "./rows.ts";

/** What a row says: as it was fetched, patched by what the stream knows since. */
export interface RowView {
  status: Status;
  connected: number;
  orchestrators: number;
  health: Health | null;
  config: ConfigState;
  lastSeenAt: number | null;
}

export function useRowView(item: Accessor<Item>): Accessor<RowView> {
  const fleet = useFleet();
  return createMemo(
    () => {
      const { mode, sinceAt } = fleet.connection();
      const { organization_id: id, fetchedAt } = item();
      const isNewer = isStreamNewer(mode, sinceAt, fetchedAt);
      const rows = isNewer ? fleet.membersOf(id).flatMap((member) => fleet.row(member) ?? []) : [];
      const { connected, ...summary } = summarizeOrganization(item(), rows);
      return {
        ...summary,
        // Nobody has said so yet: who is active has an open socket, or beats over HTTP.
        connected: connected ?? item().active_orchestrators,
        // The lists that are polled tell nothing of configuration.
        config: mode === "polling" ? item().config_state : summary.config,
      };
    },
    undefined,
    { equals: isSameView },
  );
}

/** What the page knew when the stream ended is older than what was fetched after it. */
function isStreamNewer(mode: ConnectionMode, sinceAt: number, fetchedAt: number): boolean {
  return mode === "live" || mode === "polling" || fetchedAt < sinceAt;
}

function isSameView(one: RowView, other: RowView): boolean {
  return (Object.keys(one) as (keyof RowView)[]).every((key) => one[key] === other[key]);
}
