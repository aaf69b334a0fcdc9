import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAPACITY, fromEvent, fromLog, mergeEntries } from "../../dashboard/src/features/activity/entries.ts";
import { type ActivityEntry, readTypes, toggleType } from "../../dashboard/src/features/activity/filter.ts";
import type { Message } from "../../dashboard/src/features/messages/api.ts";
import { acceptWords, placeWords, whoDecided } from "../../dashboard/src/features/messages/place-words.ts";

const NOW = Date.parse("2026-03-29T12:00:00Z");

describe("the activity of the fleet", () => {
  const entry = (id: string, at: number): ActivityEntry => ({
    id,
    at,
    type: "connected",
    orchestrator_id: "a",
    organization_id: "b",
    detail: null,
  });

  it("reads heartbeats from the log, and nothing else", () => {
    const lines = [
      ["[C-OCS] Processing heartbeat from orchestrator edge-1", "edge-1", 3],
      ["[C-OCS] Ignoring heartbeat from independent orchestrator edge-2", "edge-2", 1],
      ["[C-OCS] Processing heartbeat from orchestrator gone", "gone", 1],
      ["Message created for edge-1: [C-OCS] Processing heartbeat from orchestrator edge-1", "edge-1", 1],
      ["Controller started", null, 1],
    ] as const;
    const found = fromLog(
      lines.map(([message, orchestrator_id, count]) => ({ at: NOW, level: "INFO", message, orchestrator_id, count })),
      (id) => (id === "gone" ? undefined : `org of ${id}`),
    );
    expect(
      found.map(({ orchestrator_id, organization_id, detail }) => [orchestrator_id, organization_id, detail]),
    ).toEqual([
      ["edge-1", "org of edge-1", "3 heartbeats"],
      ["edge-2", "org of edge-2", "1 heartbeat, not recorded while independent"],
    ]);
  });

  it("tells events of different shards apart by their orchestrator", () => {
    const event = { index: 7, at: NOW, type: "lost" as const, organization_id: "o", detail: null };
    const [one, other] = ["a", "b"].map((orchestrator_id) => fromEvent({ ...event, orchestrator_id }));
    expect(one?.id).not.toBe(other?.id);
  });

  it("is filtered by the types of the address that exist, each put in and out", () => {
    expect(readTypes("health,__proto__,lost,")).toEqual(["health", "lost"]);
    expect(readTypes(undefined)).toEqual([]);
    expect(toggleType(["health"], "lost")).toEqual(["health", "lost"]);
    expect(toggleType(["health", "lost"], "health")).toEqual(["lost"]);
  });

  it("has each entry once, newest first, and no more than it may", () => {
    const entries = fc
      .uniqueArray(fc.nat({ max: 30 }))
      .map((list) => list.map((number) => entry(`e${number}`, number % 7)));
    fc.assert(
      fc.property(entries, entries, (known, more) => {
        const merged = mergeEntries(known, more);
        expect(new Set(merged.map(({ id }) => id))).toEqual(new Set([...known, ...more].map(({ id }) => id)));
        expect(merged.map(({ at }) => at)).toEqual(merged.map(({ at }) => at).sort((a, b) => b - a));
        expect(new Set(merged.map(({ id }) => id)).size).toBe(merged.length);
      }),
    );
    const many = Array.from({ length: CAPACITY + 5 }, (_, index) => entry(`e${index}`, index));
    expect(mergeEntries([], many).map(({ at }) => at)).toEqual(
      Array.from({ length: CAPACITY }, (_, index) => CAPACITY + 4 - index),
    );
  });
});

describe("what is said of a message", () => {
  const message: Message = {
    id: "m",
    orchestrator_id: "edge-1",
    orchestrator_name: "Edge one",
    organization_id: "acme",
    organization_name: "Acme",
    is_independent: false,
    message_type: "recommendation",
    direction: "inbound",
    content: "x",
    metadata: {},
    message_metadata: {},
    status: "pending",
    delivered_at: null,
    decided_by: null,
    decided_at: null,
    created_at: "2026-03-29T12:00:00.000Z",
    updated_at: "2026-03-29T12:00:00.000Z",
  };

  it.each([
    ["user:ada", "ada"],
    ["agent:edge-1", "orchestrator edge-1"],
    ["user:a:b", "a:b"],
    [null, "an unknown user"],
  ])("names %s as %s", (actor, name) => {
    expect(whoDecided(actor)).toBe(name);
  });

  it("says what became of it", () => {
    const mine = { decision: "accepted" as const, batch: 1 };
    expect(placeWords({ kind: "open" }, NOW)).toBeNull();
    expect(placeWords({ kind: "independent" }, NOW)).toBe("This orchestrator operates independently");
    expect(placeWords({ kind: "mine", choice: { ...mine, phase: "waiting", dueAt: NOW + 4100 } }, NOW)).toBe(
      "Accepted, sending in 5 s",
    );
    expect(
      placeWords({ kind: "mine", choice: { ...mine, phase: "waiting", dueAt: Number.POSITIVE_INFINITY } }, NOW),
    ).toBe("Accepted, not sent yet");
    expect(placeWords({ kind: "mine", choice: { ...mine, phase: "sent" } }, NOW)).toBe("Accepted by you");
    expect(placeWords({ kind: "mine", choice: { ...mine, phase: "refused", reason: "no" } }, NOW)).toBe("Not accepted");
    const decided = { ...message, status: "dismissed" as const, decided_by: "user:bob" };
    expect(placeWords({ kind: "decided", message: decided }, NOW)).toBe("Dismissed by bob");
  });

  it("says when the orchestrator will hear of it", () => {
    const link = { isConnected: true, isIndependent: false };
    expect(acceptWords(message, link)).toContain("edge-1 receives your decision at once");
    expect(acceptWords(message, { ...link, isConnected: false })).toContain("when it connects");
    expect(acceptWords(message, { ...link, isIndependent: true })).toContain("when it is managed again");
    expect(acceptWords({ ...message, direction: "outbound" }, link)).toContain("the first decision counts");
  });
});
