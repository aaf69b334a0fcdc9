import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AlarmClock } from "../../worker/platform/alarm-clock.ts";

const NOW = 1_790_000_000_000;

/** The alarm of an object's storage. Reading it takes a while, as on the platform. */
function storageWith(stored: number | null) {
  let alarm = stored;
  return {
    alarm: () => alarm,
    storage: {
      getAlarm: async () => {
        vi.setSystemTime(Date.now() + 3);
        return alarm;
      },
      setAlarm: async (at: number) => {
        alarm = at;
      },
    } as unknown as DurableObjectStorage,
  };
}

describe("the alarm clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    ["behind", NOW - 5_000],
    ["at", NOW],
    ["just before what the clock says by now", NOW + 2],
  ])("sets a moment %s the present one just ahead of it, or it would never ring", async (_, at) => {
    const { storage, alarm } = storageWith(null);
    await new AlarmClock(storage, 30_000).arm(at, NOW);
    expect(alarm()).toBe(NOW + 4);
  });

  it("keeps a later moment as it is", async () => {
    const { storage, alarm } = storageWith(null);
    await new AlarmClock(storage, 30_000).arm(NOW + 1_000, NOW);
    expect(alarm()).toBe(NOW + 1_000);
  });

  it("replaces an alarm that was lost, and leaves an earlier one", async () => {
    const lost = storageWith(NOW - 60_000);
    await new AlarmClock(lost.storage, 30_000).arm(NOW + 1_000, NOW);
    expect(lost.alarm()).toBe(NOW + 1_000);
    const earlier = storageWith(NOW + 500);
    await new AlarmClock(earlier.storage, 30_000).arm(NOW + 1_000, NOW);
    expect(earlier.alarm()).toBe(NOW + 500);
  });
});
