import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canResend,
  countStates,
  explainRollout,
  forecastRollout,
  type Rollout,
  sortRollouts,
} from "../../dashboard/src/features/config/rollout.ts";
import { drawMinutes } from "../../dashboard/src/features/orchestrator/heartbeat/drawing.ts";
import type { BeatMinute, MinuteKind } from "../../dashboard/src/features/orchestrator/heartbeat/minutes.ts";
import { listFigures, textOf } from "../../dashboard/src/features/orchestrator/reported.ts";
import { describeActivity, isHeartbeat } from "../../dashboard/src/features/organization/activity-words.ts";
import { deleteConsequences, deregisterConsequences } from "../../dashboard/src/features/organization/consequences.ts";
import { summarizeOrganization } from "../../dashboard/src/features/organization/summary.ts";
import type { ConfigState, Organization } from "../../dashboard/src/lib/api.ts";
import { Failure, outcomeOf, putOff } from "../../dashboard/src/lib/failure.ts";
import type { StreamRow } from "../../worker/contract/stream.ts";

const minutes = (...kinds: MinuteKind[]): BeatMinute[] => kinds.map((kind, at) => ({ at, kind, beats: 1 }));

/** Left edge, right edge and height of each box of a path. */
function boxesOf(path: string | undefined): [left: number, right: number, height: number][] {
  return [...(path ?? "").matchAll(/M([\d.-]+) ([\d.-]+)h([\d.-]+)v([\d.-]+)/g)].map((found) => {
    const [x, , width, height] = found.slice(1).map(Number) as [number, number, number, number];
    return [x, x + width, height];
  });
}

describe("the drawing of the heartbeat bar", () => {
  const sheet = { pitch: 10, gap: 2, height: 40 };

  it("tells the kinds apart by height and pattern, without colour", () => {
    const { filled, hatched } = drawMinutes(minutes("on-time", "late", "missed", "none", "not-recorded"), sheet);
    expect(boxesOf(filled["on-time"])).toEqual([[0, 8, 40]]);
    expect(boxesOf(filled.late)).toEqual([[10, 18, 24]]);
    expect(boxesOf(filled.missed)).toEqual([[22, 26, 10]]);
    expect(boxesOf(filled.none)[0]?.[2]).toBe(2);
    expect(hatched).toMatch(/^M40 40L48 0M45 40L53 0$/);
  });

  it("leaves room between minutes that stand alone, on whole pixels, in a strip too", () => {
    const { filled } = drawMinutes(minutes("missed", "missed", "none", "none"), { pitch: 2, gap: 0, height: 16 });
    expect(boxesOf(filled.missed)).toEqual([
      [0, 1, 4],
      [2, 3, 4],
    ]);
    expect(boxesOf(filled.none)).toEqual([
      [4, 5, 2],
      [6, 7, 2],
    ]);
  });

  it("keeps each minute in its place", () => {
    const kind = fc.constantFrom<MinuteKind[]>("on-time", "late", "missed", "none");
    fc.assert(
      fc.property(fc.array(kind, { minLength: 60, maxLength: 60 }), (kinds) => {
        const { filled } = drawMinutes(minutes(...kinds), sheet);
        const boxes = Object.values(filled).flatMap(boxesOf);
        expect(boxes).toHaveLength(60);
        expect(new Set(boxes.map(([left]) => Math.floor(left / 10)))).toHaveProperty("size", 60);
        for (const [left, right] of boxes) expect(Math.floor(left / 10)).toBe(Math.floor((right - 0.01) / 10));
      }),
    );
  });
});

describe("a change that failed", () => {
  it("is told as not done only by who knows", () => {
    const partial = new Failure("overloaded", "Send it again", 5, { accepted: false });
    expect(outcomeOf(partial, "Nothing was changed.")).toBe("Send it again.");
    expect(outcomeOf(new Failure("conflict", "Somebody was faster."), "Nothing was changed.")).toBe(
      "Somebody was faster. Nothing was changed.",
    );
    const silent = outcomeOf(new Failure("unreachable", "The controller is not responding"), "Nothing was changed.");
    expect(silent).not.toContain("Nothing was changed");
    expect(silent).toContain("unknown");
  });
});

describe("the rollout of a configuration", () => {
  const rollout = (fields: Partial<Rollout>): Rollout => ({
    orchestratorId: "a",
    state: "sent",
    revision: 2,
    error: null,
    running: null,
    since: null,
    connected: true,
    status: "active",
    ...fields,
  });

  it("begins with what needs somebody", () => {
    const states: ConfigState[] = ["applied", "queued", "failed", "unconfirmed", "sent", "drifted", "applying", "none"];
    const all = [...states.map((state) => rollout({ state })), rollout({ state: "failed", orchestratorId: "b" })];
    const sorted = sortRollouts(all).map(({ state, orchestratorId }) => `${state} ${orchestratorId}`);
    expect(sorted).toEqual([
      "failed a",
      "failed b",
      "drifted a",
      "applying a",
      "queued a",
      "unconfirmed a",
      "sent a",
      "applied a",
      "none a",
    ]);
    expect(countStates(all).slice(0, 2)).toEqual([
      { state: "failed", count: 2 },
      { state: "drifted", count: 1 },
    ]);
  });

  it("says why each stands where it stands", () => {
    const why = (fields: Partial<Rollout>, published = 2) => explainRollout(rollout(fields), published);
    expect(why({ state: "queued", connected: false })).toBe("Waiting for the orchestrator to connect.");
    expect(why({ state: "queued", status: "independent" })).toBe("Waiting until the orchestrator is managed again.");
    expect(why({ state: "queued" })).toBe("Sending now.");
    expect(why({ state: "sent" })).toContain("never confirm");
    expect(why({ state: "failed", error: "no disk" })).toBe("no disk");
    expect(why({ state: "failed" })).toBe("The orchestrator could not apply it.");
    expect(why({ state: "failed", error: "No disk.", running: 1 })).toBe("No disk. It still runs revision 1.");
    expect(why({ state: "drifted", running: 1 })).toBe("The orchestrator reports revision 1.");
    expect(why({ state: "unconfirmed" })).toContain("not in the current one");
    expect(why({ state: "unconfirmed", connected: false })).toContain("disconnected before confirming");
    expect(why({ state: "applied", revision: 1 })).toBe("Sending revision 2.");
  });

  it("can be repeated to who can hear it", () => {
    expect(canResend(rollout({ state: "failed" }))).toBe(true);
    for (const fields of [{ connected: false }, { status: "independent" as const }, { revision: 0 }]) {
      expect(canResend(rollout(fields))).toBe(false);
    }
  });

  it("is foretold by who can hear it", () => {
    const active = { connected: true, status: "active" } as const;
    expect(forecastRollout([])).toEqual([
      "There are no orchestrators yet. The first one receives it when it connects.",
    ]);
    expect(
      forecastRollout([
        active,
        active,
        { connected: false, status: "inactive" },
        { connected: true, status: "independent" },
      ]),
    ).toEqual([
      "2 connected orchestrators receive it at once.",
      "1 is offline and receives it when it connects.",
      "1 operates independently and receives it when it is managed again.",
    ]);
  });
});

describe("the summary of an organization", () => {
  const organization = {
    status: "inactive",
    orchestrators: 2,
    worst_health: "unknown",
    config_state: "queued",
    last_seen: "2025-10-28T10:00:00.000Z",
  } as Organization;
  const row = (fields: Partial<StreamRow>): StreamRow => ({
    orchestrator_id: "a",
    organization_id: "o",
    status: "active",
    connected: true,
    connected_at: null,
    health_status: "healthy",
    is_independent: false,
    privacy_mode: false,
    last_seen: 1000,
    config_revision: 1,
    config_state: "applied",
    config_error: null,
    silent: false,
    contested: false,
    config_since: null,
    config_running_revision: null,
    presence_version: null,
    ...fields,
  });

  it("is the stored one until the stream has begun", () => {
    expect(summarizeOrganization(organization, [])).toEqual({
      status: "inactive",
      orchestrators: 2,
      connected: null,
      health: "unknown",
      config: "queued",
      lastSeenAt: Date.UTC(2025, 9, 28, 10),
    });
    expect(summarizeOrganization({ ...organization, orchestrators: 0 }, []).connected).toBe(0);
  });

  it("follows from its orchestrators: any is active, or all are independent; the worst and the most urgent count", () => {
    const independent = row({ status: "independent" });
    const inactive = row({ status: "inactive", connected: false, last_seen: null, health_status: "degraded" });
    expect(summarizeOrganization(organization, [row({}), independent, inactive])).toMatchObject({
      status: "active",
      orchestrators: 3,
      connected: 2,
      health: "degraded",
      lastSeenAt: 1000,
    });
    expect(summarizeOrganization(organization, [independent]).status).toBe("independent");
    expect(summarizeOrganization(organization, [independent, inactive]).status).toBe("inactive");
    expect(summarizeOrganization(organization, [row({}), row({ config_state: "failed" })]).config).toBe("failed");
  });
});

describe("what an orchestrator reports", () => {
  it("is flattened in its order, with readable numbers", () => {
    expect(listFigures({ load: 0.123456, queue: { depth: 12873, names: ["a"] }, note: "x", ok: true })).toEqual([
      { name: "load", value: "0.123" },
      { name: "queue.depth", value: "12,873" },
      { name: "queue.names", value: '["a"]' },
      { name: "note", value: "x" },
      { name: "ok", value: "true" },
    ]);
    expect(
      listFigures(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, index]))),
    ).toHaveLength(24);
    expect([textOf({ ip: "10.0.0.1" }, "ip"), textOf({ ip: "" }, "ip"), textOf({ ip: 7 }, "ip")]).toEqual([
      "10.0.0.1",
      null,
      null,
    ]);
  });

  it("is told in sentences, and what nobody knows as it is", () => {
    const told = (type: string, data = {}) => describeActivity({ type, data });
    expect(told("handshake", { epoch: 2, replaced: true })).toBe(
      "Handshake accepted, session 2, replaces an open session",
    );
    expect(told("provision", { revision: 0 })).toBe("Configuration sent: none published");
    expect(told("provision", { revision: 3, requested: true })).toBe("Asked for its configuration: revision 3");
    expect(told("config_status", { revision: 3, status: "failed" })).toBe("Revision 3 failed");
    expect(told("keepalive", { ignored: true })).toBe("Heartbeat, not recorded while independent");
    expect(told("independence", { is_independent: true, privacy_mode: true })).toBe("Set independent, in privacy mode");
    expect(told("independence_ack", { is_independent: false })).toBe("Confirmed: managed");
    expect(told("message_sent", { replayed: 3 })).toBe("3 queued messages sent");
    expect(told("message_received", { message_id: "msg_1", message_type: "recommendation" })).toBe(
      "Recommendation received (msg_1)",
    );
    expect(told("teleport", { to: "moon" })).toBe('teleport {"to":"moon"}');
    expect(["keepalive", "handshake"].map((type) => isHeartbeat({ type }))).toEqual([true, false]);
  });
});

describe("what cannot be undone", () => {
  it("is told in numbers", () => {
    const impact = {
      organization_id: "o",
      name: "O",
      orchestrators: 3,
      connected_orchestrators: 1,
      messages: 1200,
      pending_messages: 7,
      config_revisions: 1,
    };
    expect(deleteConsequences(impact, null)).toEqual([
      "3 orchestrators are deregistered and can no longer connect.",
      "1 open connection is closed.",
      "1,200 messages are deleted, 7 of them pending.",
      "1 configuration revision is deleted.",
      "Usage and the audit log are kept.",
      "This cannot be undone.",
    ]);
    const all = "All of its orchestrators, messages and configurations are deleted.";
    expect(deleteConsequences(undefined, null).slice(0, 2)).toEqual([all, "Counting…"]);
    const failure = new Failure("unreachable", "The controller is not responding");
    expect(deleteConsequences(undefined, failure).slice(0, 2)).toEqual([
      all,
      "Could not count them: The controller is not responding.",
    ]);
    const leaving = { organizationId: "o", members: 1, isOpen: true, messages: 2 };
    expect(deregisterConsequences("a", leaving)).toEqual([
      "The connection of a is closed.",
      "2 messages are deleted.",
      "It cannot connect until it is registered again.",
      "It is the only orchestrator: organization o is deleted with it.",
    ]);
    expect(deregisterConsequences("a", { ...leaving, members: 3, isOpen: false, messages: undefined })).toEqual([
      "a is not connected.",
      "All of its messages are deleted.",
      "It cannot connect until it is registered again.",
      "2 orchestrators stay in o.",
    ]);
  });

  it("is not taken for refused when it was accepted, whatever the message says", () => {
    const accepted = new Failure("database_unavailable", "Postgres is away.", 5, { accepted: true });
    const refused = new Failure("database_unavailable", "The change is accepted.", 5, { accepted: false });
    expect(accepted.isAccepted).toBe(true);
    expect(refused.isAccepted).toBe(false);
    expect(new Failure("internal_error", "accepted").isAccepted).toBe(false);
    expect(outcomeOf(accepted, "Nothing was changed.")).toBe("Postgres is away.");
    expect(outcomeOf(refused, "Nothing was changed.")).toBe("The change is accepted. Nothing was changed.");
    expect(putOff(accepted)).toBeNull();
    expect(putOff(refused)).not.toBeNull();
  });
});
