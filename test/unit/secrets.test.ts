import { describe, expect, it } from "vitest";
import { SecretsKeyError, secretsKeyBytes } from "../../worker/platform/secrets.ts";

describe("SECRETS_KEY", () => {
  it("is 32 bytes in base64", () => {
    expect(secretsKeyBytes(Buffer.alloc(32, 7).toString("base64"))).toEqual(new Uint8Array(32).fill(7));
  });

  it.each([undefined, "", "dG9vIHNob3J0", "not base64!"])("is refused otherwise (%s)", (key) => {
    expect(() => secretsKeyBytes(key)).toThrow(SecretsKeyError);
  });
});
