import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrganizationConfig } from "../../worker/contract/config.ts";
import type { JsonObject } from "../../worker/contract/json.ts";
import { newRecord, type OrchestratorRecord } from "../../worker/orchestrator/state.ts";
import { compareConfig, differenceOf, MAX_DIFFERENCES } from "../../worker/orchestrator/views.ts";

const published = (features: JsonObject, rest: Partial<OrganizationConfig> = {}): OrganizationConfig => ({
  revision: 2,
  hash: "h",
  features,
  settings: {},
  policies: {},
  ...rest,
});

describe("what an orchestrator reports beside what was published", () => {
  it("differs where a published value is another one or missing, and not where it has something of its own", () => {
    const config = published({ cache: { enabled: true, ttl: 5 }, beta: true }, { settings: { region: "eu" } });
    const reported = {
      features: { cache: { ttl: 5, enabled: false, own: 1 }, mine: true },
      settings: { region: "eu", own: 1 },
    };
    expect(compareConfig(config, reported, [])).toEqual([
      { path: "features.cache.enabled", published: true, reported: false },
      { path: "features.beta", published: true },
    ]);
  });

  it("differs where a feature that was withdrawn is still reported", () => {
    const reported = { features: { cache: true, beta: { a: 1 } } };
    expect(compareConfig(published({ cache: true }), reported, ["cache", "beta", "gone"])).toEqual([
      { path: "features.beta", reported: { a: 1 } },
    ]);
  });

  it("never differs of what was told, whatever it has beside that and in whichever order", () => {
    const features = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 }) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(features, features, (told, own) => {
        const echo = Object.fromEntries(Object.entries(structuredClone(told)).reverse());
        expect(compareConfig(published(told), { features: { ...own, ...echo } }, Object.keys(told))).toEqual([]);
      }),
    );
  });

  it("is bounded", () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`k${index}`, "x".repeat(5_000)]));
    const found = compareConfig(published(many), { features: {} }, []);
    expect(found).toHaveLength(MAX_DIFFERENCES);
    expect(JSON.stringify(found).length).toBeLessThan(20_000);
  });

  it("counts only what was reported since it was told", () => {
    const record: OrchestratorRecord = {
      ...newRecord("org", "org", 0),
      toldConfig: published({ cache: true }),
      toldAt: 1_000,
      publishedFeatures: ["cache", "beta"],
      profile: { name: null, location: null, metadata: {}, features: { cache: true, beta: true } },
    };
    expect(differenceOf(record, null, null)).toBeNull();
    expect(differenceOf({ ...record, featuresAt: 500, allFeaturesAt: 500 }, null, null)).toBeNull();
    const beta = { at: 2_000, items: [{ path: "features.beta", reported: true }] };
    expect(differenceOf({ ...record, featuresAt: 2_000, allFeaturesAt: 2_000 }, null, null)).toEqual(beta);
    // A heartbeat adds to what is known; that `beta` is still known says nothing.
    expect(differenceOf({ ...record, featuresAt: 2_000, allFeaturesAt: 500 }, null, null)).toEqual({
      at: 2_000,
      items: [],
    });
    const snapshot = { at: 2_000, data: { features: { cache: true, beta: true } } };
    expect(differenceOf(record, null, snapshot)).toEqual(beta);
    expect(differenceOf({ ...record, isIndependent: true, privacyMode: true }, null, snapshot)).toBeNull();
  });
});
