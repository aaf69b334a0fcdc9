import { afterEach, beforeEach, expect, it, vi } from "vitest";

const MINUTE = 60_000;

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

async function follow() {
  const { followAttention, countsAsUse } = await import("../../dashboard/src/lib/attendance.ts");
  const page = new EventTarget();
  const renew = vi.fn();
  return { page, renew, isAttended: countsAsUse, stop: followAttention(page, renew) };
}

it("a page is attended for a minute after it was touched", async () => {
  const { page, isAttended } = await follow();
  later(MINUTE - 1);
  expect(isAttended()).toBe(true);
  later(1);
  expect(isAttended()).toBe(false);
  page.dispatchEvent(new Event("pointermove"));
  expect(isAttended()).toBe(true);
});

it("who touches the page and asks nothing keeps the session, once in five minutes", async () => {
  const { page, renew, isAttended, stop } = await follow();
  for (let minute = 0; minute < 11; minute++) {
    later(MINUTE);
    page.dispatchEvent(new Event("keydown"));
  }
  expect(renew).toHaveBeenCalledTimes(2);
  later(3 * MINUTE);
  page.dispatchEvent(new Event("wheel"));
  expect(isAttended()).toBe(true);
  later(4 * MINUTE);
  page.dispatchEvent(new Event("wheel"));
  expect(renew).toHaveBeenCalledTimes(2);
  stop();
  later(10 * MINUTE);
  page.dispatchEvent(new Event("wheel"));
  expect([renew.mock.calls.length, isAttended()]).toEqual([2, false]);
});
