import { describe, expect, it } from "vitest";
import {
  isSessionOver,
  SESSION_ABSOLUTE_MS,
  SESSION_IDLE_MS,
  SESSION_TOUCH_MS,
  sessionExpiry,
  shouldTouch,
} from "../../worker/auth/sessions.ts";

const OPENED = 1_800_000_000_000;

describe("a session", () => {
  it("ends after 30 idle minutes", () => {
    const times = { openedAt: OPENED, usedAt: OPENED };
    expect(isSessionOver(times, OPENED + SESSION_IDLE_MS - 1)).toBe(false);
    expect(isSessionOver(times, OPENED + SESSION_IDLE_MS)).toBe(true);
  });

  it("ends after 12 hours however busy it is", () => {
    const usedAt = OPENED + SESSION_ABSOLUTE_MS - 1000;
    expect(sessionExpiry({ openedAt: OPENED, usedAt })).toBe(OPENED + SESSION_ABSOLUTE_MS);
    expect(isSessionOver({ openedAt: OPENED, usedAt }, OPENED + SESSION_ABSOLUTE_MS)).toBe(true);
  });

  it("is written down at most once a minute", () => {
    const times = { openedAt: OPENED, usedAt: OPENED };
    expect(shouldTouch(times, OPENED + SESSION_TOUCH_MS - 1)).toBe(false);
    expect(shouldTouch(times, OPENED + SESSION_TOUCH_MS)).toBe(true);
  });
});
