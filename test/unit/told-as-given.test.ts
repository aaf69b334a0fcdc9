import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../worker/contract/json.ts";
import { configFrames } from "../../worker/orchestrator/outbound.ts";
import { mergeProfile } from "../../worker/orchestrator/profile.ts";
import { registerRecord } from "../../worker/orchestrator/registration.ts";

const NOW = 1_795_000_000_000;
const AUDIT = { actor: "user:ada", ip: null, userAgent: null, requestId: "r" };
const key = fc.oneof(
  fc.constantFrom("signature_check", "token_limit", "api_key", "password", "secret_detection", "authorization"),
  fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !["name", "location", "features"].includes(name)),
);
const json = fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

describe("what an orchestrator is told", () => {
  it("B07: is what was registered and reported, for any JSON", () => {
    fc.assert(
      fc.property(json, json, (features, metadata) => {
        const input = { organizationId: null, fields: { features, session_config: metadata }, audit: AUDIT };
        const { record } = registerRecord(null, "fw", input, null, NOW);
        const profile = mergeProfile(record.profile, record.owned, metadata);
        const [told] = configFrames({ ...record, profile }, "handshake", "connect", NOW);
        const data = (told?.data ?? {}) as JsonObject;
        expect(data).toMatchObject({ session: metadata, metadata });
        expect(JSON.stringify(data.features)).toBe(JSON.stringify(features));
      }),
      { numRuns: 10_000 },
    );
  });
});
