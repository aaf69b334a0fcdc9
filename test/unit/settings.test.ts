import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildMismatch, readSettings } from "../../worker/platform/settings.ts";

const read = (settings: Record<string, unknown>) => readSettings(settings, "production");

describe("settings", () => {
  it("have defaults, and are clean as they are deployed", () => {
    expect(read({})).toMatchObject({
      settings: { ttlMs: 120_000, reportIntervalMs: 110_000, fleetShards: 1, logLevel: "info" },
      errors: [],
      warnings: [],
    });
  });

  it.each([
    ["FLEET_SHARDS", "many", "a whole number from 1 to 64"],
    ["FLEET_SHARDS", "65", "a whole number from 1 to 64"],
    ["FLEET_SHARDS", "", "a whole number from 1 to 64"],
    ["FLEET_SHARDS", "0x10", "a whole number from 1 to 64"],
    ["FLEET_SHARDS", "1e1", "a whole number from 1 to 64"],
    ["FLEET_SHARDS", "2.5", "a whole number from 1 to 64"],
    ["FLEET_SHARDS", true, "a whole number from 1 to 64"],
    ["FLEET_SHARDS", null, "a whole number from 1 to 64"],
    ["HEARTBEAT_TTL_SEC", "0", "a whole number from 1 to 86400"],
    ["AUDIT_RETENTION_DAYS", "29", "a whole number from 30 to 3650"],
    ["LOG_LEVEL", "chatty", "one of debug, info, warning, error"],
  ])("an unusable %s (%j) is an error that says what it must be", (name, value, wanted) => {
    expect(read({ [name]: value })).toMatchObject({ settings: null, errors: [`${name} must be ${wanted}`] });
  });

  it("are whole numbers also as numbers of wrangler.toml, with space around them", () => {
    expect(read({ FLEET_SHARDS: 4, HEARTBEAT_TTL_SEC: " 600 " }).settings).toMatchObject({
      fleetShards: 4,
      ttlMs: 600_000,
    });
  });

  it("name every error at once", () => {
    expect(read({ FLEET_SHARDS: "x", LOG_LEVEL: "x" }).errors).toHaveLength(2);
  });

  it("warn of what no setting is, and leave bindings alone", () => {
    const { settings, warnings } = read({ HEARTBEAT_TTL: "60", PORT: "8788", FLEET: {}, AUTH: () => {} });
    expect(settings).not.toBeNull();
    expect(warnings).toEqual([
      "HEARTBEAT_TTL is not a setting of the controller and is ignored",
      "PORT is not a setting of the controller and is ignored",
    ]);
  });

  it("warn of a report interval that is not below the TTL", () => {
    for (const PRESENCE_REPORT_INTERVAL_SEC of ["60", "61"]) {
      const { settings, warnings } = read({ HEARTBEAT_TTL_SEC: "60", PRESENCE_REPORT_INTERVAL_SEC });
      expect(settings).not.toBeNull();
      expect(warnings).toEqual([
        expect.stringContaining("PRESENCE_REPORT_INTERVAL_SEC should be below HEARTBEAT_TTL_SEC"),
      ]);
    }
  });

  it.each([
    "foo",
    "*",
    "null",
    "https://*.example.com",
    "app.example.com",
    "https://a.example/path",
    "ftp://a.example",
  ])("warn of an origin that is none (%s), and keep the others", (malformed) => {
    const { settings, warnings } = read({ ALLOWED_ORIGINS: `https://one.example,${malformed}, http://two.example:81` });
    expect(settings?.allowedOrigins).toEqual(["https://one.example", "http://two.example:81"]);
    expect(warnings).toEqual([expect.stringMatching(/^Entry 2 of ALLOWED_ORIGINS/)]);
  });

  it("take origins as browsers send them, however they were written", () => {
    const { settings, warnings } = read({ ALLOWED_ORIGINS: "HTTPS://One.Example/, https://two.example:443" });
    expect(settings?.allowedOrigins).toEqual(["https://one.example", "https://two.example"]);
    expect(warnings).toEqual([]);
  });

  it("never repeat a value", () => {
    const names = fc.constantFrom(
      "FLEET_SHARDS",
      "LOG_LEVEL",
      "ALLOWED_ORIGINS",
      "PUBLIC_URL",
      "DEV_X",
      "SECRETS_KEY",
      "ODD",
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.string()), (settings) => {
        const marked = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, `canary${value}`]));
        expect(JSON.stringify({ ...read(marked), settings: null })).not.toContain("canary");
      }),
    );
  });
});

describe("a build and its settings", () => {
  it("fit each other, or everything is refused", () => {
    expect(buildMismatch({ LOG_LEVEL: "info" }, "production")).toBeNull();
    expect(buildMismatch({ DEV_BEARER_TOKEN: "t" }, "development")).toBeNull();
    expect(buildMismatch({ LOG_LEVEL: "info" }, "development")).toContain("`npm run deploy`");
    expect(buildMismatch({ DEV_BEARER_TOKEN: "" }, "development")).toContain("`npm run deploy`");
    for (const value of ["t", "", true, {}]) {
      expect(buildMismatch({ DEV_ANYTHING: value }, "production")).toContain("delete DEV_ANYTHING");
      expect(readSettings({ DEV_ANYTHING: value }, "production").settings).toBeNull();
    }
  });
});
