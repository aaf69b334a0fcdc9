import { describe, expect, it } from "vitest";
import { relativeTime, shortTime, standingTime } from "../../dashboard/src/lib/time.ts";
import { toOrganizations } from "../../dashboard/src/live/poll.ts";

describe("what a row says", () => {
  it("counts an organization as the controller does, while the page asks by REST", () => {
    const of = (...statuses: ("active" | "inactive" | "independent")[]) => {
      const rows = statuses.map((status, index) => ({
        orchestrator_id: `o-${index}`,
        organization_id: "g",
        status,
        connected: status === "active",
        connected_at: null,
        health_status: "healthy" as const,
        is_independent: status === "independent",
        privacy_mode: false,
        last_seen: index === 0 ? null : index,
        config_revision: 0,
        config_state: "none" as const,
        config_error: null,
        silent: false,
        contested: false,
        config_since: null,
        config_running_revision: null,
        presence_version: null,
      }));
      return toOrganizations(rows)[0];
    };
    expect(of()).toBeUndefined();
    expect(of("independent", "independent")?.status).toBe("independent");
    expect(of("independent", "inactive")?.status).toBe("inactive");
    expect(of("independent", "active", "inactive")).toEqual({
      organization_id: "g",
      status: "active",
      orchestrators: 3,
      connected: 1,
      last_seen: 2,
    });
  });

  it("tells the year of a moment that may be of another one", () => {
    const now = Date.UTC(2026, 10, 28);
    expect(shortTime(Date.UTC(2026, 10, 1), now, "utc")).toBe("Nov 1, 00:00:00");
    expect(shortTime(Date.UTC(2025, 10, 28), now, "utc")).toBe("Nov 28, 2025, 00:00:00");
    expect(shortTime(Date.UTC(2027, 10, 28), now, "utc")).toBe("Nov 28, 2027, 00:00:00");
  });

  it("tells time in few words", () => {
    const at = Date.UTC(2026, 0, 1);
    expect(relativeTime(at, at - 500)).toBe("now");
    expect(relativeTime(at, at + 12_000)).toBe("12 s ago");
    expect(relativeTime(at, at + 3_700_000)).toBe("1 h ago");
    expect(standingTime(at, at + 5000)).toMatch(/^\d\d:\d\d:\d\d$/);
  });
});
