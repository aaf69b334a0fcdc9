import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FleetMember, LogLine, PresenceReport, PresenceView } from "../../worker/contract/presence.ts";
import { escapeLine, linesOf, selectLines } from "../../worker/fleet/controller-log.ts";
import { mergeReport } from "../../worker/fleet/members.ts";
import { sweepAt } from "../../worker/fleet/sweep.ts";
import { retryDelayMs } from "../../worker/orchestrator/outbox.ts";

const VIEW: PresenceView = {
  orchestratorId: "org-002",
  organizationId: "org-002",
  generation: 1,
  epoch: 1,
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

function report(view: Partial<PresenceView>, rest: Partial<PresenceReport> = {}): PresenceReport {
  return {
    view: { ...VIEW, ...view },
    transition: null,
    profile: null,
    beats: { processed: 0, ignored: 0 },
    logs: [],
    ...rest,
  };
}

function line(message: string, rest: Partial<LogLine> = {}): LogLine {
  return { at: 0, level: "INFO", message, orchestratorId: null, count: 1, ...rest };
}

describe("mergeReport", () => {
  it("ends in the same state whatever the order in which reports come", () => {
    const versions = fc.array(fc.record({ epoch: fc.nat(3), seq: fc.nat(6) }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(versions, (order) => {
        let known: FleetMember | undefined;
        for (const version of order) known = mergeReport(known, report(version)).member ?? known;
        const [newest] = order.toSorted((a, b) => b.epoch - a.epoch || b.seq - a.seq);
        expect(known?.view).toMatchObject(newest ?? {});
      }),
    );
  });

  it("removes a member by its end, whatever else was told under the same number, and not by that of an earlier life", () => {
    const known = mergeReport(undefined, report({ seq: 5 }, { transition: "registered" })).member ?? undefined;
    const end = (view: Partial<PresenceView>) => mergeReport(known, report(view, { transition: "deregistered" }));
    expect(end({ seq: 5 })).toMatchObject({ member: null, removed: true });
    expect(end({ seq: 6 })).toMatchObject({ member: null, removed: true });
    expect(end({ seq: 4 })).toMatchObject({ member: null, removed: false });
    expect(mergeReport(undefined, report({}, { transition: "deregistered" }))).toMatchObject({ removed: false });
  });

  it("writes no row for a plain beat, but has Postgres hear of it", () => {
    const known = mergeReport(undefined, report({}, { transition: "connected" })).member ?? undefined;
    const merge = mergeReport(known, report({ seq: 2, lastSeenAt: 10_000 }));
    expect(merge).toMatchObject({ changes: [], dirty: true });
  });

  it("asks nothing of Postgres when nothing it stores has changed", () => {
    const known = mergeReport(undefined, report({}, { transition: "connected" })).member ?? undefined;
    expect(mergeReport(known, report({ seq: 2, expiresAt: 130_000 }))).toMatchObject({ changes: [], dirty: false });
  });

  it("writes a row when silence made it inactive", () => {
    const known = mergeReport(undefined, report({}, { transition: "connected" })).member ?? undefined;
    const merge = mergeReport(known, report({ seq: 2, status: "inactive", expiresAt: null }));
    expect(merge).toMatchObject({ changes: [{ event: { type: "lost" } }], dirty: true });
  });

  it("removes a deregistered member and lets no older report bring it back", () => {
    const known: FleetMember = {
      view: { ...VIEW, seq: 5 },
      profile: { name: null, location: null, metadata: {}, features: {} },
    };
    expect(mergeReport(known, report({ seq: 6 }, { transition: "deregistered" })).removed).toBe(true);
    expect(mergeReport(known, report({ seq: 4 }, { transition: "deregistered" })).removed).toBe(false);
  });

  it("asks within TTL + 15 s of silence", () => {
    expect(sweepAt(VIEW)).toBeLessThanOrEqual(120_000 + 15_000);
    expect(sweepAt({ ...VIEW, expiresAt: null })).toBeNull();
  });
});

describe("log ring", () => {
  it("gives one line for all beats of an interval, with their count", () => {
    const lines = linesOf(report({}, { beats: { processed: 11, ignored: 0 } }), 5);
    expect(lines).toEqual([
      line("[C-OCS] Processing heartbeat from orchestrator org-002", {
        ...{ at: 5, orchestratorId: "org-002", organizationId: "org-002", count: 11 },
        isBeat: true,
      }),
    ]);
  });

  it("selects by text and level, newest first, and counts before the limit", () => {
    const lines = ["one", "two org-1", "three org-1", "four org-1"].map((text, at) => line(text, { at }));
    const page = selectLines(lines, { q: "ORG-1", level: null, limit: 2, organizations: null }, () => true);
    expect(page.lines.map(({ message }) => message)).toEqual(["four org-1", "three org-1"]);
    expect(page.total).toBe(3);
  });

  it("escapes what could forge a second line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested.
        expect(escapeLine(line(text)).message).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029]/);
      }),
    );
  });
});

describe("retryDelayMs", () => {
  it("doubles from 1 s and stays at 15 s", () => {
    expect([0, 1, 2, 3, 4, 5, 100].map(retryDelayMs)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });
});
