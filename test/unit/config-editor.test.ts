import fc from "fast-check";
import { createRoot } from "solid-js";
import { describe, expect, it } from "vitest";
import {
  type ConfigDocument,
  isEqual,
  type JsonObject,
  toText,
  valueAt,
} from "../../dashboard/src/features/config/document.ts";
import { createDraft } from "../../dashboard/src/features/config/draft.ts";
import {
  flagNameProblem,
  readForm,
  timeoutProblem,
  withFeature,
  withoutFlag,
  withSessionTimeout,
} from "../../dashboard/src/features/config/form.ts";
import { conflictKey, mergeConfig } from "../../dashboard/src/features/config/merge.ts";
import { lineOfPath, parseConfig } from "../../dashboard/src/features/config/parse.ts";
import { scanJson } from "../../dashboard/src/features/config/scan-json.ts";

const EMPTY: ConfigDocument = { features: {}, settings: {}, policies: {} };
const key = fc.constantFrom("cache", "firewall", "beta", "a.b", "enabled", "ü", "");
// JSON.stringify writes -0 as 0.
const leaf = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  fc.boolean(),
  fc.constant(null),
);
const { object } = fc.letrec<{ json: JsonObject[string]; object: JsonObject }>((tie) => ({
  json: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("json"), { maxLength: 3 }), tie("object")),
  object: fc.dictionary(key, tie("json"), { maxKeys: 4, noNullPrototype: true }),
}));
const config = fc.record({ features: object, settings: object, policies: object });
const toggle = fc.constantFrom(true, false, null);

describe("the JSON tab", () => {
  it("reads back what it shows", () => {
    fc.assert(
      fc.property(config, (value) => {
        const parsed = parseConfig(toText(value));
        expect(parsed.ok && isEqual(asJson(parsed.config), asJson(value))).toBe(true);
      }),
    );
  });

  it("finds a problem exactly where the engine does", () => {
    fc.assert(
      fc.property(
        config,
        fc.nat(),
        fc.constantFrom("", "{", "}", '"', ",", ":", "\\", "1", "x", "\n"),
        (value, at, insert) => {
          const text = toText(value);
          const place = at % (text.length + 1);
          const broken = text.slice(0, place) + insert + text.slice(place + (insert === "" ? 1 : 0));
          const { problem } = scanJson(broken);
          if (problem?.message.includes("Duplicate key")) return;
          expect(problem === null).toBe(isJson(broken));
        },
      ),
    );
  });

  it.each([
    ['{\n  "features": {\n    "cache": true,\n  }\n}', 4, "Unexpected trailing comma"],
    ['{"features": {}', 1, "Expected a comma or }, but the text ends"],
    ['{\n"features": {"a" 1}}', 2, "Expected a colon"],
    ['{\n"features": {\n"a": 1,\n"a": 2}}', 4, "Duplicate key a"],
    ['{\n\n"feature": {}}', 3, "Unknown key feature. A configuration has features, settings and policies"],
    ['{\n"settings": []}', 2, "settings must be an object"],
    ['{"features": {\n"x": {"__proto__": 1}}}', 2, "The key __proto__ is reserved"],
    ["[]", 1, "Expected an object with features, settings and policies"],
    ["", 1, "Expected a value, but the text ends"],
    ['{"features": {"a": 01}}', 1, "Expected a comma or }"],
    ["{features: {}}", 1, "Expected a key in double quotes"],
    ['{"features": {"a": "b\n"}}', 1, "Unterminated string, or a character that must be escaped"],
    [`${"[".repeat(70)}`, 1, "Nested too deeply"],
    ["{} {}", 1, "Unexpected text after the end"],
  ])("says what is wrong, and in which line: %j", (text, line, message) => {
    const parsed = parseConfig(text);
    expect(parsed.ok ? null : [parsed.problem.line, parsed.problem.message]).toEqual([line, message]);
  });

  it("takes a missing part for an empty one", () => {
    expect(parseConfig('{"settings":{"a":1}}')).toEqual({ ok: true, config: { ...EMPTY, settings: { a: 1 } } });
  });

  it("finds the line of what the controller complains about", () => {
    const text = toText({ ...EMPTY, features: { cache: { enabled: true }, list: [1] } });
    expect(lineOfPath(text, "/body/features/cache/enabled")).toBe(4);
    expect(lineOfPath(text, "/body/features/list/0")).toBe(6);
    expect(lineOfPath(text, "/body")).toBeNull();
  });
});

describe("the form", () => {
  it("shows what it has set, and leaves everything else alone", () => {
    fc.assert(
      fc.property(config, fc.constantFrom("cache", "firewall", "beta"), toggle, (before, name, value) => {
        const after = withFeature(before, name, value);
        expect(isEqual(asJson({ ...after, features: {} }), asJson({ ...before, features: {} }))).toBe(true);
        for (const other of Object.keys(before.features)) {
          if (other !== name) expect(after.features[other]).toEqual(before.features[other]);
        }
        if (name !== "beta")
          expect(readForm(after)[name === "cache" ? "cache" : "firewall"]).toEqual({ value, isForeign: false });
        else if (value !== null) expect(readForm(after).flags).toContainEqual({ name, isOn: value });
        expect(withFeature(after, name, value)).toEqual(after);
      }),
    );
  });

  it("keeps the shape of a switch and what lies beside it", () => {
    const before = { ...EMPTY, features: { cache: { enabled: true, ttl_seconds: 60 }, firewall: true } };
    expect(withFeature(before, "cache", false).features.cache).toEqual({ enabled: false, ttl_seconds: 60 });
    expect(withFeature(before, "cache", null).features.cache).toEqual({ ttl_seconds: 60 });
    expect(withFeature(before, "firewall", false).features.firewall).toBe(false);
    expect(withFeature(EMPTY, "cache", true).features.cache).toEqual({ enabled: true });
    expect(withFeature(withFeature(EMPTY, "cache", true), "cache", null)).toEqual(EMPTY);
  });

  it("sets and unsets the session timeout", () => {
    const set = withSessionTimeout(EMPTY, 30);
    expect(set.settings).toEqual({ session_timeout_minutes: 30 });
    expect(readForm(set).sessionTimeoutMinutes).toEqual({ value: 30, isForeign: false });
    expect(withSessionTimeout(set, null)).toEqual(EMPTY);
    expect([timeoutProblem(""), timeoutProblem("30")]).toEqual([null, null]);
    for (const text of ["0", "-1", "1.5", "x", "10081"]) expect(timeoutProblem(text)).not.toBeNull();
  });

  it("says what it does not show, and does not pretend to know foreign values", () => {
    const view = readForm({
      features: {
        cache: "aggressive",
        firewall: { rules: [] },
        beta: true,
        plan: "gold",
        search: { enabled: false, index: "a" },
      },
      settings: { session_timeout_minutes: "long", region: "eu" },
      policies: { retention: {} },
    });
    expect(view.cache).toEqual({ value: null, isForeign: true });
    expect(view.firewall).toEqual({ value: null, isForeign: false });
    expect(view.sessionTimeoutMinutes).toEqual({ value: null, isForeign: true });
    expect(view.flags).toEqual([
      { name: "beta", isOn: true },
      { name: "search", isOn: false },
    ]);
    expect(view.elsewhere).toEqual([
      "features.firewall.rules",
      "features.plan",
      "features.search.index",
      "settings.region",
      "policies.retention",
    ]);
  });

  it("takes names of flags that can stand anywhere, once", () => {
    const before = withFeature(EMPTY, "beta", true);
    expect(flagNameProblem(before, "beta-2")).toBeNull();
    for (const name of ["", "beta", "cache", "1st", "a b", "constructor"]) {
      expect(flagNameProblem(before, name), name).not.toBeNull();
    }
    expect(withoutFlag(before, "beta")).toEqual(EMPTY);
  });
});

describe("rebasing on what somebody else has published", () => {
  it("keeps the only change there is, and both when they are the same", () => {
    fc.assert(
      fc.property(config, config, (base, other) => {
        for (const [theirs, yours] of [
          [base, other],
          [other, base],
          [other, other],
        ] as const) {
          const { merged, conflicts } = mergeConfig(base, theirs, yours);
          expect(conflicts).toEqual([]);
          expect(isEqual(asJson(merged), asJson(other))).toBe(true);
        }
      }),
    );
  });

  it("loses no change of either side without naming it", () => {
    fc.assert(
      fc.property(config, config, config, (base, theirs, yours) => {
        const { merged, conflicts } = mergeConfig(base, theirs, yours);
        for (const { path, theirs: their, yours: your } of conflicts) {
          expect(valueAt(asJson(merged), path)).toEqual(your);
          expect(their).not.toEqual(your);
        }
        const choices = Object.fromEntries(conflicts.map(({ path }) => [conflictKey(path), "theirs" as const]));
        const given = mergeConfig(base, theirs, yours, choices);
        for (const { path, theirs: their } of given.conflicts)
          expect(valueAt(asJson(given.merged), path)).toEqual(their);
        if (conflicts.length === 0)
          expect(isEqual(asJson(merged), asJson(mergeConfig(base, yours, theirs).merged))).toBe(true);
      }),
    );
  });

  it("joins changes of different places, and names the same place that both changed", () => {
    const base = { ...EMPTY, features: { cache: { enabled: true }, firewall: { enabled: true } } };
    const theirs = { ...EMPTY, features: { cache: { enabled: false }, firewall: { enabled: true } } };
    const yours = {
      ...EMPTY,
      features: { cache: { enabled: true, ttl: 5 } },
      settings: { session_timeout_minutes: 5 },
    };
    expect(mergeConfig(base, theirs, yours)).toEqual({
      merged: { ...yours, features: { cache: { enabled: false, ttl: 5 } } },
      conflicts: [],
    });
    const clash = mergeConfig(base, theirs, withFeature(base, "cache", null));
    expect(clash.conflicts).toEqual([
      { path: ["features", "cache"], base: { enabled: true }, theirs: { enabled: false }, yours: undefined },
    ]);
    expect(clash.merged.features).toEqual({ firewall: { enabled: true } });
  });
});

function asJson(value: ConfigDocument): JsonObject {
  return { features: value.features, settings: value.settings, policies: value.policies };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("changes that were not published when a session ended", () => {
  it("come back for who made them, and for nobody else", () => {
    const published = { revision: 3, config: { features: {}, settings: {}, policies: {} } };
    const changed = { ...published.config, settings: { region: "eu" } };
    const open = (owner: string) => createRoot((close) => ({ ...createDraft("org-1", () => published, owner), close }));

    const adas = open("ada");
    adas.change(changed);
    adas.keep();
    adas.close();
    const again = open("ada");
    expect([again.isRestored, again.draft()]).toEqual([true, changed]);
    again.keep();
    again.close();
    const graces = open("grace");
    expect([graces.isRestored, graces.draft()]).toEqual([false, published.config]);
    graces.close();
    expect(open("ada").isRestored).toBe(false);
  });
});
