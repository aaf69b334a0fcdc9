import { DIRECTIONS, MESSAGE_STATUSES, MESSAGE_TYPES } from "../../../../worker/contract/values/messages.ts";
import { isId } from "../../lib/id.ts";
import { isSeverity, type Severity } from "./severity.ts";

export type MessageStatus = (typeof MESSAGE_STATUSES)[number];
export type MessageType = (typeof MESSAGE_TYPES)[number];
export type Direction = (typeof DIRECTIONS)[number];

/** The filter of the queue, besides its tab. null and empty mean any. */
export interface MessageFilter {
  type: MessageType | null;
  direction: Direction | null;
  severity: Severity | null;
  organizationId: string;
  includeIndependent: boolean;
}

type Params = Partial<Record<string, string | string[]>>;

/** Reads the filter from the address, which is untrusted. */
export function readFilter(params: Params): MessageFilter {
  const { type, direction, severity, organization, independent } = params;
  const id = typeof organization === "string" ? organization.trim() : "";
  return {
    type: MESSAGE_TYPES.find((known) => known === type) ?? null,
    direction: DIRECTIONS.find((known) => known === direction) ?? null,
    severity: typeof severity === "string" && isSeverity(severity) ? severity : null,
    organizationId: isId(id) ? id : "",
    includeIndependent: independent === "yes",
  };
}

export function readStatus(params: Params): MessageStatus {
  return MESSAGE_STATUSES.find((known) => known === params.status) ?? "pending";
}

/** Writes only what differs from the default into the address. */
export function writeFilter(filter: MessageFilter) {
  return {
    type: filter.type ?? undefined,
    direction: filter.direction ?? undefined,
    severity: filter.severity ?? undefined,
    organization: filter.organizationId || undefined,
    independent: filter.includeIndependent ? "yes" : undefined,
  };
}

export function isFiltered(filter: MessageFilter): boolean {
  return Object.values(writeFilter(filter)).some((value) => value !== undefined);
}
