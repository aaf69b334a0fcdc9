import fc from "fast-check";
import { createEffect, createRoot } from "solid-js";
import { describe, expect, it } from "vitest";
import { cursorOf, NO_PROGRESS, type Progress, reduceFrame } from "../../dashboard/src/live/reducer.ts";
import { createFleetStore, EMPTY_PATCH, type FleetStore } from "../../dashboard/src/live/store.ts";
import type { ServerStreamFrame, StreamOrganization, StreamRow } from "../../worker/contract/stream.ts";

const STATUSES = ["active", "inactive", "independent"] as const;
const HEALTHS = ["healthy", "degraded", "unhealthy", "unknown"] as const;
const CONFIGS = ["none", "queued", "sent", "applying", "applied", "unconfirmed", "drifted", "failed"] as const;

function rowOf(id: string, change: Partial<StreamRow> = {}): StreamRow {
  return {
    orchestrator_id: id,
    organization_id: id,
    status: "active",
    connected: true,
    connected_at: 1,
    health_status: "healthy",
    is_independent: false,
    privacy_mode: false,
    last_seen: 1,
    config_revision: 1,
    config_state: "applied",
    config_error: null,
    silent: false,
    contested: false,
    config_since: null,
    config_running_revision: null,
    presence_version: null,
    ...change,
  };
}

function organizationOf(id: string, change: Partial<StreamOrganization> = {}): StreamOrganization {
  return { organization_id: id, status: "active", orchestrators: 1, connected: 1, last_seen: 1, ...change };
}

/** Feeds frames the way a socket does; a gap ends in a snapshot of `truth`. */
function follow(store: FleetStore, shard = 0) {
  let progress: Progress = NO_PROGRESS;
  return {
    cursor: () => cursorOf(progress),
    take(frame: ServerStreamFrame): "gap" | number | null {
      const step = reduceFrame(progress, frame);
      if (step === "gap") return "gap";
      progress = step.progress;
      if (step.patch) store.apply(shard, step.patch);
      return step.ack;
    },
  };
}

const arbitraryRow = fc
  .record({
    id: fc.integer({ min: 0, max: 12 }),
    organization: fc.integer({ min: 0, max: 4 }),
    status: fc.constantFrom(...STATUSES),
    health: fc.constantFrom(...HEALTHS),
    config: fc.constantFrom(...CONFIGS),
    connected: fc.boolean(),
  })
  .map(({ id, organization, status, health, config, connected }) =>
    rowOf(`o-${id}`, {
      organization_id: `g-${organization}`,
      status,
      connected,
      health_status: health,
      config_state: config,
    }),
  );

const arbitraryChange = fc.record({
  rows: fc.array(arbitraryRow, { maxLength: 6 }),
  removed: fc.array(
    fc.integer({ min: 0, max: 12 }).map((id) => `o-${id}`),
    { maxLength: 3 },
  ),
  organizations: fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(...STATUSES))
      .map(([id, status]) => organizationOf(`g-${id}`, { status })),
    { maxLength: 3 },
  ),
  isSnapshot: fc.boolean(),
});

describe("the live store", () => {
  it("shows after any deltas and snapshots what a plain recount shows", () => {
    fc.assert(
      fc.property(fc.array(arbitraryChange, { minLength: 1, maxLength: 30 }), (changes) => {
        const store = createFleetStore();
        const viewer = follow(store);
        const rows = new Map<string, StreamRow>();
        const organizations = new Map<string, StreamOrganization>();
        let index = 0;
        const snapshot = () => {
          viewer.take({ type: "hello", epoch: "e", index, shard: 0, shards: 1, resumed: false });
          const all = [...rows.values()];
          const half = Math.floor(all.length / 2);
          viewer.take({ type: "snapshot", index, rows: all.slice(0, half), organizations: [], more: true });
          viewer.take({
            type: "snapshot",
            index,
            rows: all.slice(half),
            organizations: [...organizations.values()],
            more: false,
          });
        };
        snapshot();
        for (const change of changes) {
          for (const row of change.rows) rows.set(row.orchestrator_id, row);
          for (const id of change.removed) rows.delete(id);
          for (const row of change.organizations) organizations.set(row.organization_id, row);
          index += 1;
          if (change.isSnapshot) snapshot();
          else {
            const ack = viewer.take({
              type: "delta",
              from: index - 1,
              to: index,
              rows: change.rows.filter((row) => rows.get(row.orchestrator_id) === row),
              removed: change.removed,
              organizations: change.organizations,
              removed_organizations: [],
              events: [],
            });
            expect(ack).toBe(index);
          }
        }
        const present = [...rows.values()];
        const counts = store.counts();
        for (let id = 0; id <= 12; id += 1) expect(store.row(`o-${id}`)).toEqual(rows.get(`o-${id}`));
        expect(counts.total).toBe(rows.size);
        expect(counts.connected).toBe(present.filter((row) => row.connected).length);
        for (const status of STATUSES) {
          expect(counts.byStatus[status]).toBe(present.filter((row) => row.status === status).length);
          const here = [...organizations.values()].filter((row) => row.status === status).length;
          expect(counts.organizations[status]).toBe(here);
        }
        for (const health of HEALTHS) {
          expect(counts.byHealth[health]).toBe(present.filter((row) => row.health_status === health).length);
        }
        for (const config of CONFIGS) {
          expect(counts.byConfig[config]).toBe(present.filter((row) => row.config_state === config).length);
        }
        for (let number = 0; number <= 4; number += 1) {
          const id = `g-${number}`;
          const members = present.filter((row) => row.organization_id === id).map((row) => row.orchestrator_id);
          expect(store.membersOf(id) ?? []).toEqual(members.sort());
        }
      }),
    );
  });

  it("draws anew only what reads a row that changed", () => {
    const counted = createRoot(() => {
      const store = createFleetStore();
      store.apply(0, { ...EMPTY_PATCH, rows: [rowOf("a"), rowOf("b")] });
      const runs = { a: 0, b: 0, later: 0 };
      createEffect(() => {
        runs.a += store.row("a")?.last_seen === undefined ? 0 : 1;
      });
      createEffect(() => {
        runs.b += store.row("b")?.last_seen === undefined ? 0 : 1;
      });
      createEffect(() => {
        runs.later += store.row("c") === undefined ? 0 : 1;
      });
      return { store, runs };
    });
    const { store, runs } = counted;
    expect(runs).toEqual({ a: 1, b: 1, later: 0 });
    store.apply(0, { ...EMPTY_PATCH, rows: [rowOf("a", { last_seen: 2 })] });
    expect(runs).toEqual({ a: 2, b: 1, later: 0 });
    store.apply(0, { ...EMPTY_PATCH, sights: [{ orchestrator_id: "b", last_seen: 3 }], rows: [rowOf("c")] });
    expect(runs).toEqual({ a: 2, b: 2, later: 1 });
  });

  it("does not let the shard that lost an organization take it from the one that has it now", () => {
    const store = createFleetStore();
    store.apply(0, { ...EMPTY_PATCH, rows: [rowOf("a"), rowOf("b")] });
    store.apply(1, { ...EMPTY_PATCH, rows: [rowOf("b", { status: "inactive" })] });
    store.apply(0, { ...EMPTY_PATCH, retain: { rows: new Set(["a"]), organizations: new Set() } });
    expect(store.row("b")?.status).toBe("inactive");
    store.apply(0, { ...EMPTY_PATCH, removed: ["b"] });
    expect(store.counts().total).toBe(2);
    store.apply(1, { ...EMPTY_PATCH, removed: ["b"] });
    expect(store.row("b")).toBeUndefined();
    expect(store.counts().total).toBe(1);
  });

  it("keeps the newest thousand events, the newest first", () => {
    const store = createFleetStore();
    for (let index = 1; index <= 1200; index += 1) {
      const event = {
        index,
        at: index,
        type: "connected",
        orchestrator_id: "a",
        organization_id: "a",
        detail: null,
      } as const;
      store.apply(0, { ...EMPTY_PATCH, events: [event] });
    }
    expect(store.events()).toHaveLength(1000);
    expect(store.events()[0]?.index).toBe(1200);
  });
});

describe("the reducer of the stream", () => {
  const hello = (resumed: boolean, epoch = "e"): ServerStreamFrame => ({
    type: "hello",
    epoch,
    index: 5,
    shard: 0,
    shards: 1,
    resumed,
  });
  const delta = (from: number, to: number): ServerStreamFrame => ({
    type: "delta",
    from,
    to,
    rows: [],
    removed: [],
    organizations: [],
    removed_organizations: [],
    events: [],
  });
  const snapshot = (more: boolean): ServerStreamFrame => ({
    type: "snapshot",
    index: 5,
    rows: [],
    organizations: [],
    more,
  });

  it("has a cursor only when everything up to it is there", () => {
    const viewer = follow(createFleetStore());
    expect(viewer.cursor()).toBeNull();
    viewer.take(hello(false));
    viewer.take(snapshot(true));
    expect(viewer.cursor()).toBeNull();
    viewer.take(snapshot(false));
    expect(viewer.cursor()).toBe("e.5");
    viewer.take(delta(5, 9));
    expect(viewer.cursor()).toBe("e.9");
    viewer.take(hello(true));
    expect(viewer.take(delta(9, 10))).toBe(10);
  });

  it("notices a gap, a doubled delta, another epoch and a chunk out of place", () => {
    const viewer = follow(createFleetStore());
    expect(viewer.take(snapshot(false))).toBe("gap");
    expect(viewer.take(hello(true))).toBe("gap");
    viewer.take(hello(false));
    expect(viewer.take(delta(5, 6))).toBe("gap");
    viewer.take(snapshot(false));
    expect(viewer.take(delta(6, 7))).toBe("gap");
    expect(viewer.take(delta(4, 5))).toBe("gap");
    expect(viewer.take(hello(true, "other"))).toBe("gap");
  });

  it("goes on when a newer controller says something unknown", () => {
    const viewer = follow(createFleetStore());
    viewer.take(hello(false));
    viewer.take(snapshot(false));
    expect(viewer.take({ type: "weather" } as unknown as ServerStreamFrame)).toBe(5);
    expect(viewer.take(delta(5, 6))).toBe(6);
  });
});
