import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PresenceReport, PresenceView } from "../../worker/contract/presence.ts";
import {
  aggregate,
  type Change,
  changesOf,
  deltaOf,
  type NewChange,
  removalOf,
  rowOf,
  type Scope,
  scopeTag,
  sees,
} from "../../worker/fleet/feed.ts";
import { pageAfter, Roster } from "../../worker/fleet/roster.ts";
import {
  acknowledge,
  type Feed,
  fitsWindow,
  newViewer,
  nextChunk,
  nextDelta,
  type ViewerState,
  WINDOW_CHARS,
  WINDOW_FRAMES,
} from "../../worker/fleet/viewer.ts";
import { StreamState } from "../support/stream-state.ts";

const VIEW: PresenceView = {
  orchestratorId: "org-002",
  organizationId: "org-002",
  generation: 1,
  epoch: 2,
  seq: 1,
  status: "active",
  connected: true,
  connectedAt: 0,
  healthStatus: "healthy",
  isIndependent: false,
  privacyMode: false,
  configRevision: 0,
  configState: "none",
  configError: null,
  lastSeenAt: 0,
  lastActivityAt: null,
  expiresAt: 120_000,
};

const PROFILE = { name: null, location: null, metadata: {}, features: {} };

function eventsOf(
  before: Partial<PresenceView> | null,
  after: Partial<PresenceView>,
  transition: PresenceReport["transition"] = null,
): (string | null)[][] {
  const changes = changesOf(before === null ? undefined : { ...VIEW, ...before }, { ...VIEW, ...after }, transition);
  return changes.map(({ event }) => (event ? [event.type, event.detail] : []));
}

describe("changesOf", () => {
  const offline = { connected: false, status: "inactive" } as const;

  it("has nothing to say of a plain beat, and everything else has a change", () => {
    expect(eventsOf({}, { lastSeenAt: 5, seq: 2, expiresAt: 9 })).toEqual([]);
    expect(eventsOf({}, {}, "first_beat")).toEqual([[]]);
    expect(eventsOf({}, { connected: false })).toEqual([[]]);
  });

  it("names what happened in few words", () => {
    expect(eventsOf(null, { epoch: 1 }, "connected")).toEqual([
      ["registered", null],
      ["connected", null],
    ]);
    expect(eventsOf(null, offline, "registered")).toEqual([["registered", null]]);
    // A shard that has lost its storage hears of all of them anew.
    expect(eventsOf(null, {})).toEqual([[]]);
    expect(eventsOf(offline, {}, "connected")).toEqual([["connected", null]]);
    expect(eventsOf({}, { epoch: 3 }, "connected")).toEqual([["connected", "replaces the previous session"]]);
    expect(eventsOf({}, offline, "disconnected")).toEqual([["disconnected", null]]);
    expect(eventsOf({}, { status: "inactive" })).toEqual([["lost", "no heartbeat in time"]]);
    expect(eventsOf({ status: "inactive" }, {})).toEqual([["connected", "active again"]]);
    expect(eventsOf({}, { healthStatus: "degraded" }, "health")).toEqual([["health", "healthy → degraded"]]);
    expect(eventsOf({}, { isIndependent: true, status: "independent" }, "independence")).toEqual([
      ["independence", "on"],
    ]);
    expect(eventsOf({}, { configRevision: 3, configState: "sent" }, "config")).toEqual([["config", "revision 3 sent"]]);
  });

  it("tells one event for each thing that came in one report", () => {
    const after = { healthStatus: "unhealthy", configRevision: 1, configState: "failed" } as const;
    expect(eventsOf(offline, after, "connected")).toEqual([
      ["connected", null],
      ["health", "healthy → unhealthy"],
      ["config", "revision 1 failed"],
    ]);
  });
});

describe("aggregate", () => {
  it("is active if any is, else independent if all are, else inactive", () => {
    const of = (...statuses: PresenceView["status"][]) =>
      aggregate(
        "o",
        statuses.map((status, at) => ({ ...VIEW, status, lastSeenAt: at })),
      );
    expect(of("inactive", "active", "independent")).toMatchObject({ status: "active", orchestrators: 3, last_seen: 2 });
    expect(of("independent", "independent")).toMatchObject({ status: "independent", connected: 2 });
    expect(of("independent", "inactive")).toMatchObject({ status: "inactive" });
    expect(of()).toBeUndefined();
  });
});

describe("deltaOf", () => {
  const roster = new Roster();
  roster.set({ view: { ...VIEW, orchestratorId: "a", organizationId: "theirs" }, profile: PROFILE });
  const moved: Change = {
    index: 8,
    at: 1,
    orchestratorId: "a",
    organizationId: "theirs",
    leftOrganizationId: "ours",
    row: true,
    event: { type: "health", detail: "healthy → degraded" },
  };

  it("removes what has gone to an organization that the viewer may not see, and says no more", () => {
    expect(deltaOf([moved], 7, ["ours"], roster)).toEqual({
      type: "delta",
      from: 7,
      to: 8,
      rows: [],
      removed: ["a"],
      organizations: [],
      removed_organizations: ["ours"],
      events: [],
    });
    expect(JSON.stringify(deltaOf([moved], 7, ["others"], roster))).not.toContain('"a"');
    expect(deltaOf([moved], 7, null, roster).rows).toHaveLength(1);
  });
});

describe("scopeTag", () => {
  it("is the same for the same organizations alone", () => {
    expect(scopeTag(["b", "a"])).toBe(scopeTag(["a", "b"]));
    expect(new Set([null, [], ["a"], ["b"], ["a", "b"], ["a,b"]].map(scopeTag)).size).toBe(6);
    expect(scopeTag(["a"])).toMatch(/^[a-z0-9]+$/);
  });
});

describe("pageAfter", () => {
  it("gives every wanted entry exactly once", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 })),
        fc.integer({ min: 1, max: 5 }),
        (ids, n) => {
          const sorted = ids.toSorted();
          const wanted = (id: string) => id.length !== 2;
          const found: string[] = [];
          for (let page = pageAfter(sorted, "", n, wanted); page.length > 0; ) {
            found.push(...page);
            page = pageAfter(sorted, page.at(-1) ?? "", n, wanted);
          }
          expect(found).toEqual(sorted.filter(wanted));
        },
      ),
    );
  });
});

describe("the window", () => {
  const state = newViewer({ kind: "user", name: "u", organizations: null, session: null, endsAt: null }, 0, 0, 0);

  it("has room for one frame of any size, then for so many frames and characters", () => {
    expect(fitsWindow(state, 10 * WINDOW_CHARS)).toBe(true);
    expect(fitsWindow({ unacked: [[1, WINDOW_CHARS - 10]] }, 10)).toBe(true);
    expect(fitsWindow({ unacked: [[1, WINDOW_CHARS - 10]] }, 11)).toBe(false);
    const many: [number, number][] = Array.from({ length: WINDOW_FRAMES }, (_, index) => [index, 1]);
    expect(fitsWindow({ unacked: many }, 1)).toBe(false);
    const acked = acknowledge({ ...state, unacked: many, blockedAt: 5 }, 0);
    expect(acked).toMatchObject({ blockedAt: null, hasAcked: true });
    expect(acked.unacked).toHaveLength(WINDOW_FRAMES - 1);
  });
});

// --- Any interleaving ------------------------------------------------------------------------------------------------

/** A feed that forgets all but the last changes. */
class ShortFeed implements Feed {
  readonly epoch = "e";
  readonly all: Change[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get index(): number {
    return this.all.length;
  }

  append(changes: NewChange[]): void {
    for (const change of changes) this.all.push({ ...change, index: this.all.length + 1, at: 0 });
  }

  covers(index: number): boolean {
    return index <= this.index && index >= this.index - this.#capacity;
  }

  after(index: number, limit: number): Change[] {
    if (!this.covers(index)) throw new Error("asked for what is forgotten");
    return this.all.slice(index, index + limit);
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("report" as const),
      id: fc.integer({ min: 0, max: 5 }),
      organization: fc.integer({ min: 0, max: 2 }),
      status: fc.constantFrom("active", "inactive", "independent"),
      connected: fc.boolean(),
      transition: fc.constantFrom(null, "connected", "disconnected", "health", "config", "profile"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), id: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("happening" as const), id: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 4, arbitrary: fc.constant({ kind: "frame" as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: "deliver" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reconnect" as const }) },
);

describe("a viewer", () => {
  it.each([null, ["org-0", "org-2"]] as Scope[])(
    "of %j knows what the shard knows, whatever comes in between",
    (scope) => {
      const capacity = fc.constantFrom(5, 1_000);
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), capacity, (steps, kept) => {
          const feed = new ShortFeed(kept);
          const roster = new Roster();
          const client = new StreamState();
          const who = {
            kind: "user" as const,
            name: "u",
            organizations: scope && [...scope],
            session: null,
            endsAt: null,
          };
          let viewer: ViewerState;
          let underWay: object[] = [];
          let firstIndex = 0;

          const connect = () => {
            const from = client.index !== null && feed.covers(client.index) ? client.index : null;
            viewer = newViewer(who, from, feed.index, 0);
            if (client.snapshots === 0) firstIndex = feed.index;
            const hello = { type: "hello", epoch: "e", index: feed.index, shard: 0, shards: 1, resumed: from !== null };
            underWay = [hello];
          };
          const sendFrame = () => {
            if (!feed.covers(viewer.read)) return connect();
            const next = viewer.snapshot ? nextChunk(viewer, roster, 2) : nextDelta(viewer, scope, feed, roster, 3);
            viewer = { ...viewer, ...next.told };
            if (next.frame) underWay.push(JSON.parse(JSON.stringify(next.frame)));
          };
          const deliver = () => {
            const frame = underWay.shift();
            if (frame) client.apply(frame as never);
          };

          connect();
          for (const now of steps) {
            if (now.kind === "report") {
              const id = `o-${now.id}`;
              const known = roster.get(id)?.view;
              const { status, connected, transition } = now;
              const view = {
                ...VIEW,
                orchestratorId: id,
                organizationId: `org-${now.organization}`,
                status: status as PresenceView["status"],
                connected,
              };
              const changes = changesOf(known, view, transition as PresenceReport["transition"]);
              roster.set({ view, profile: PROFILE });
              feed.append(changes);
            } else if (now.kind === "remove") {
              const known = roster.get(`o-${now.id}`);
              roster.delete(`o-${now.id}`);
              if (known) feed.append([removalOf(known.view, true)]);
            } else if (now.kind === "happening") {
              const view = roster.get(`o-${now.id}`)?.view;
              const event = { type: "message", detail: null } as const;
              if (view) {
                const { orchestratorId, organizationId } = view;
                feed.append([{ orchestratorId, organizationId, leftOrganizationId: null, row: false, event }]);
              }
            } else if (now.kind === "frame") sendFrame();
            else if (now.kind === "deliver") deliver();
            // What was under way is lost with the connection.
            else connect();
          }
          for (let left = 0; left < 200; left++) {
            deliver();
            if (underWay.length === 0) sendFrame();
          }

          expect(client.problems).toEqual([]);
          const members = [...roster.members.values()].filter(({ view }) => sees(scope, view.organizationId));
          expect([...client.rows.values()].sort(byId)).toEqual(members.map(({ view }) => rowOf(view)).sort(byId));
          const organizations = roster.organizationIds().filter((id) => sees(scope, id));
          expect([...client.organizations.keys()].sort()).toEqual(organizations);
          for (const id of organizations) expect(client.organizations.get(id)).toEqual(roster.organization(id));
          // Where nothing was forgotten, every event came exactly once.
          if (kept === 1_000 && client.snapshots === 1) {
            const told = feed.all.filter(({ index, event, organizationId }) => {
              return index > firstIndex && event !== null && sees(scope, organizationId);
            });
            expect(client.events.map(({ index }) => index)).toEqual(told.map(({ index }) => index));
          }
        }),
        { numRuns: 500 },
      );
    },
  );
});

const byId = (a: { orchestrator_id: string }, b: { orchestrator_id: string }) =>
  a.orchestrator_id < b.orchestrator_id ? -1 : 1;
