import type { FleetMember } from "../contract/presence.ts";
import type { StreamOrganization } from "../contract/stream.ts";
import { aggregate } from "./feed.ts";

/** The members of one shard, by id, by organization, and sorted by id. */
export class Roster {
  readonly #members = new Map<string, FleetMember>();
  readonly #byOrganization = new Map<string, Set<string>>();
  #ids: string[] | null = null;
  #organizationIds: string[] | null = null;

  get members(): ReadonlyMap<string, FleetMember> {
    return this.#members;
  }

  get(orchestratorId: string): FleetMember | undefined {
    return this.#members.get(orchestratorId);
  }

  set(member: FleetMember): void {
    const { orchestratorId, organizationId } = member.view;
    const before = this.#members.get(orchestratorId);
    if (before?.view.organizationId !== organizationId) {
      if (before) this.#leave(before);
      const ids = this.#byOrganization.get(organizationId) ?? new Set();
      if (ids.size === 0) this.#organizationIds = null;
      this.#byOrganization.set(organizationId, ids.add(orchestratorId));
    }
    if (!before) this.#ids = null;
    this.#members.set(orchestratorId, member);
  }

  delete(orchestratorId: string): void {
    const member = this.#members.get(orchestratorId);
    if (!member) return;
    this.#leave(member);
    this.#members.delete(orchestratorId);
    this.#ids = null;
  }

  organization(organizationId: string): StreamOrganization | undefined {
    const ids = this.#byOrganization.get(organizationId) ?? [];
    return aggregate(organizationId, this.#viewsOf(ids));
  }

  ids(): readonly string[] {
    this.#ids ??= [...this.#members.keys()].sort();
    return this.#ids;
  }

  organizationIds(): readonly string[] {
    this.#organizationIds ??= [...this.#byOrganization.keys()].sort();
    return this.#organizationIds;
  }

  *#viewsOf(ids: Iterable<string>) {
    for (const id of ids) {
      const member = this.#members.get(id);
      if (member) yield member.view;
    }
  }

  #leave({ view }: FleetMember): void {
    const ids = this.#byOrganization.get(view.organizationId);
    ids?.delete(view.orchestratorId);
    if (ids?.size !== 0) return;
    this.#byOrganization.delete(view.organizationId);
    this.#organizationIds = null;
  }
}

/** Up to `limit` entries of a sorted list that come after `after` and that `wanted` accepts. */
export function pageAfter(
  sorted: readonly string[],
  after: string,
  limit: number,
  wanted: (id: string) => boolean,
): string[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? "") <= after) low = middle + 1;
    else high = middle;
  }
  const page: string[] = [];
  for (let at = low; at < sorted.length && page.length < limit; at++) {
    const id = sorted[at];
    if (id !== undefined && wanted(id)) page.push(id);
  }
  return page;
}
