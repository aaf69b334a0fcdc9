import type { ViewerIdentity } from "../contract/session.ts";

/** What the Worker passes to a shard about a viewer that it has admitted. */
export interface JoinRequest {
  who: ViewerIdentity;
  /** `epoch.index` as the viewer got them, or null when it comes for the first time. */
  cursor: string | null;
  shard: number;
  shards: number;
}

/** The Worker sets this header on a request that it creates itself, so that no caller can. */
const HEADER = "X-Moolai-Viewer";

/** The request that opens a viewer's socket at a shard. */
export function joinRequest(join: JoinRequest): Request {
  const headers = { Upgrade: "websocket", [HEADER]: encodeURIComponent(JSON.stringify(join)) };
  return new Request("https://fleet/stream", { headers });
}

export function readJoin(request: Request): JoinRequest | null {
  const header = request.headers.get(HEADER);
  if (header === null || request.headers.get("Upgrade")?.toLowerCase() !== "websocket") return null;
  return JSON.parse(decodeURIComponent(header)) as JoinRequest;
}

/** The index of a cursor of this epoch, or null. */
export function indexOf(cursor: string | null, epoch: string): number | null {
  const dot = cursor?.lastIndexOf(".") ?? -1;
  if (cursor === null || cursor.slice(0, dot) !== epoch) return null;
  return Number(cursor.slice(dot + 1));
}
