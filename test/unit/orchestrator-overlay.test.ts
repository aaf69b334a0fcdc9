import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overlay } from "../../dashboard/src/features/orchestrator/overlay.ts";
import type { Registered } from "../../dashboard/src/lib/api.ts";
import { toRow } from "../../dashboard/src/live/poll.ts";
import type { StreamRow } from "../../worker/contract/stream.ts";

const registered: Registered = {
  orchestrator_id: "acme",
  organization_id: "acme",
  name: "Acme",
  status: "active",
  connected: true,
  silent: false,
  contested: false,
  health_status: "healthy",
  is_independent: false,
  privacy_mode: false,
  config_revision: 3,
  config_state: "failed",
  config_error: "cache: out of memory",
  config_since: "2026-03-01T09:00:00.000Z",
  config_running_revision: 2,
  last_seen: "2026-03-01T10:00:00.000Z",
  last_activity: null,
  presence_version: [1, 4, 20],
  internal_url: null,
  registered_at: "2026-03-01T08:00:00.000Z",
};

const answer = (version: Registered["presence_version"], health: Registered["health_status"]) =>
  toRow({ ...registered, presence_version: version, health_status: health });

describe("what is shown of an orchestrator", () => {
  it("is its failed configuration also while the fleet is polled", () => {
    const polled = toRow(registered);
    expect(polled).toMatchObject({ config_state: "failed", config_error: "cache: out of memory", config_revision: 3 });
    const fetchedBefore = { ...toRow(registered), config_state: "sent" as const, config_error: null };
    expect(overlay({ ...fetchedBefore, presence_version: [1, 4, 19] }, polled)).toMatchObject({
      config_state: "failed",
      config_error: "cache: out of memory",
      config_since: Date.parse("2026-03-01T09:00:00.000Z"),
      config_running_revision: 2,
    });
  });

  it("is the newer of a REST answer and the live row", () => {
    expect(overlay(answer([1, 4, 20], "healthy"), answer([1, 4, 21], "degraded")).health_status).toBe("degraded");
    expect(overlay(answer([1, 4, 21], "healthy"), answer([1, 4, 20], "degraded")).health_status).toBe("healthy");
    expect(overlay(answer([1, 5, 1], "healthy"), answer([1, 4, 20], "degraded")).health_status).toBe("healthy");
    expect(overlay(answer([1, 9, 9], "healthy"), answer([2, 1, 1], "degraded")).health_status).toBe("degraded");
  });

  it("is the live row when the answer is as new, or has no version", () => {
    expect(overlay(answer([1, 4, 20], "healthy"), answer([1, 4, 20], "degraded")).health_status).toBe("degraded");
    expect(overlay(answer(null, "healthy"), answer([1, 4, 20], "degraded")).health_status).toBe("degraded");
    expect(overlay(answer([1, 4, 20], "healthy"), undefined).health_status).toBe("healthy");
  });

  it("is the answer when only that has a version, because the polled row came from the database only", () => {
    const polled = { ...answer(null, "healthy"), connected: false };
    expect(overlay({ ...answer([1, 4, 20], "degraded"), connected: true }, polled)).toMatchObject({
      connected: true,
      health_status: "degraded",
      presence_version: [1, 4, 20],
    });
    expect(overlay(answer(null, "healthy"), answer(null, "degraded")).health_status).toBe("degraded");
  });

  it("was last seen at the later of both moments", () => {
    const [early, late] = [Date.parse("2026-03-01T10:00:00Z"), Date.parse("2026-03-01T10:00:05Z")];
    const newer = { ...answer([1, 4, 21], "healthy"), last_seen: early };
    expect(overlay(newer, { ...answer([1, 4, 20], "healthy"), last_seen: late }).last_seen).toBe(late);
    expect(
      overlay({ ...newer, last_seen: late }, { ...answer([1, 4, 22], "healthy"), last_seen: null }).last_seen,
    ).toBe(late);
  });

  it("keeps what only the answer has", () => {
    const { config_since: _, ...row } = answer([1, 4, 21], "healthy");
    expect(overlay({ ...toRow(registered), name: "Acme" }, row as StreamRow)).toMatchObject({
      name: "Acme",
      config_since: Date.parse("2026-03-01T09:00:00.000Z"),
    });
  });

  it("does not depend on which of the two came by which way", () => {
    const version = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2));
    const health = fc.constantFrom("healthy" as const, "degraded" as const);
    fc.assert(
      fc.property(version, health, version, health, (one, oneHealth, other, otherHealth) => {
        fc.pre(one.join() !== other.join());
        const [left, right] = [answer(one, oneHealth), answer(other, otherHealth)];
        expect(overlay(left, right)).toEqual(overlay(right, left));
      }),
    );
  });
});
