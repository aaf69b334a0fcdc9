import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { summarize } from "../../dashboard/src/features/notifications/summary.ts";
import { matchScore } from "../../dashboard/src/features/palette/search.ts";
import { type Command, findCommand, keyName } from "../../dashboard/src/lib/commands.ts";
import { diffJson } from "../../dashboard/src/lib/diff.ts";
import { fixLanguage } from "../../dashboard/src/lib/locale.ts";
import { formatBytes, formatUsd, plural } from "../../dashboard/src/lib/numbers.ts";
import { readPreferences } from "../../dashboard/src/lib/preferences.ts";
import { duration, exactTime } from "../../dashboard/src/lib/time.ts";

const command = (keys: string, change: Partial<Command> = {}): Command => ({
  id: keys,
  title: keys,
  group: "Test",
  keys,
  run: () => undefined,
  ...change,
});

describe("the language of the browser", () => {
  it("stays when it is a language tag, and is English when Intl would throw at it", () => {
    for (const language of ["de", "en-US", "zh-Hant-TW"]) {
      const browser = { language };
      fixLanguage(browser);
      expect(browser.language).toBe(language);
    }
    for (const language of ["en-US@posix", "c", "", "de_DE.UTF-8"]) {
      const browser = Object.create({ language }) as { language: string };
      fixLanguage(browser);
      expect(() => new Intl.NumberFormat(browser.language)).not.toThrow();
      expect(browser.language).toBe("en");
    }
  });
});

describe("shortcuts", () => {
  const list = [command("g o"), command("g a"), command("a"), command("mod+k"), command("o")];
  const press = (keys: string[]) => {
    let pending: string | null = null;
    const ran: (string | undefined)[] = [];
    for (const key of keys) {
      const found = findCommand(list, pending, key);
      pending = found.pending;
      if (found.command) ran.push(found.command.keys);
    }
    return ran;
  };

  it("tell a sequence from its keys alone", () => {
    expect(press(["g", "o"])).toEqual(["g o"]);
    expect(press(["a"])).toEqual(["a"]);
    expect(press(["g", "x", "a"])).toEqual(["a"]);
    expect(press(["g", "g", "a"])).toEqual(["g a"]);
    expect(press(["g", "mod+k"])).toEqual(["mod+k"]);
  });

  it("leave out what is not enabled, and prefer what was offered last", () => {
    const first = command("x", { id: "first" });
    const second = command("x", { id: "second" });
    const off = command("x", { id: "off", isEnabled: () => false });
    expect(findCommand([first, second, off], null, "x").command?.id).toBe("second");
  });

  it("spell keys as commands do", () => {
    const event = { ctrlKey: false, metaKey: false, altKey: false };
    expect(keyName({ ...event, key: "?" })).toBe("?");
    expect(keyName({ ...event, key: "K", ctrlKey: true })).toBe("mod+k");
    expect(keyName({ ...event, key: "k", metaKey: true })).toBe("mod+k");
    expect(keyName({ ...event, key: " " })).toBe("Space");
    expect(keyName({ ...event, key: "Shift" })).toBeNull();
  });
});

describe("preferences", () => {
  it("survive whatever lies in the storage", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.constant(null)), (stored) => {
        expect(readPreferences(stored).theme).toBe("system");
      }),
    );
  });

  it("keep each choice that is still offered", () => {
    const stored = JSON.stringify({ theme: "dark", density: "tiny", pollIntervalSec: 30, isLive: false });
    expect(readPreferences(stored)).toEqual({
      theme: "dark",
      density: "default",
      time: "relative",
      pollIntervalSec: 30,
      isLive: false,
      areShortcutsOn: true,
    });
  });
});

describe("the diff of two documents", () => {
  it("names the deepest path that differs", () => {
    const before = { cache: { enabled: true, ttl: 60 }, models: ["a", "b"], old: 1 };
    const after = { cache: { enabled: true, ttl: 90 }, models: ["a"], fresh: null };
    expect(diffJson(before, after)).toEqual([
      { path: "cache.ttl", kind: "changed", before: 60, after: 90 },
      { path: "fresh", kind: "added", before: undefined, after: null },
      { path: "models[1]", kind: "removed", before: "b", after: undefined },
      { path: "old", kind: "removed", before: 1, after: undefined },
    ]);
  });

  it("is empty for equal documents alone, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(diffJson(one, structuredClone(one))).toEqual([]);
        const isEqual = canonical(one) === canonical(other);
        expect(diffJson(one, other).length === 0).toBe(isEqual);
      }),
    );
  });

  function canonical(value: unknown): string {
    return JSON.stringify(value, (_key, inner: unknown) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
        : Object.is(inner, -0)
          ? "-0"
          : inner,
    );
  }
});

describe("what is heard of events", () => {
  const event = (type: Parameters<typeof summarize>[0][number]["type"], id: string, detail: string | null = null) => ({
    type,
    orchestrator_id: id,
    detail,
  });

  it("is one sentence with names or numbers", () => {
    expect(summarize([event("lost", "org-1")])).toBe("org-1 disconnected.");
    expect(
      summarize([event("lost", "a"), event("disconnected", "b"), event("health", "c", "healthy → unhealthy")]),
    ).toBe("2 orchestrators disconnected, c became unhealthy.");
  });

  it("counts who left and came back as there", () => {
    expect(summarize([event("lost", "a"), event("connected", "a")])).toBe("a connected.");
    expect(summarize([event("registered", "a")])).toBeNull();
    expect(summarize([event("message", "a"), event("message", "a")])).toBe("2 messages arrived.");
  });
});

describe("figures in words", () => {
  it("are short and exact enough", () => {
    expect([0, 12, 200_000, 11_000_000, 90_061_000].map(duration)).toEqual([
      "0 ms",
      "12 ms",
      "3 min 20 s",
      "3 h 3 min",
      "1 d 1 h",
    ]);
    expect([0, 1023, 1536, 5_000_000].map(formatBytes)).toEqual(["0 B", "1023 B", "1.5 KB", "4.8 MB"]);
    expect([0, 12.345, 0.0004].map(formatUsd)).toEqual(["$0.00", "$12.35", "$0.0004"]);
    expect([plural(1, "orchestrator"), plural(1200, "orchestrator")]).toEqual([
      "1 orchestrator",
      "1,200 orchestrators",
    ]);
    expect(exactTime(Date.UTC(2026, 0, 1, 9, 5), "utc")).toBe("Jan 1, 2026, 09:05:00 UTC");
  });
});

describe("the palette", () => {
  it("wants every word, and ranks the start of the title and of words first", () => {
    expect(matchScore("Go to Logs", "logs go")).toBeGreaterThan(0);
    expect(matchScore("Go to Logs", "logs x")).toBe(0);
    expect(matchScore("Log out", "lo")).toBeGreaterThan(matchScore("Go to Logs", "lo"));
    expect(matchScore("Go to Logs", "lo")).toBeGreaterThan(matchScore("Catalog", "lo"));
  });
});
