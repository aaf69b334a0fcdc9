import { describe, expect, it } from "vitest";
import { decryptSecret, encryptRegistrationSecrets, encryptSecret, SecretsKeyError } from "../../worker/secrets.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER_KEY = Buffer.alloc(32, 8).toString("base64");
const PLACE = { table: "orchestrator_instances", column: "database_url", orchestratorId: "org-002" };

describe("a secret", () => {
  it("comes back as it was, and never looks the same twice", async () => {
    const text = "postgresql://user:pässwörd@db/moolai";
    const first = await encryptSecret(KEY, text, PLACE);
    const second = await encryptSecret(KEY, text, PLACE);
    expect(first).toMatch(/^enc:v1:[0-9a-f]{8}:[\w-]+:[\w-]+$/);
    expect(first).not.toBe(second);
    expect(await decryptSecret(KEY, first, PLACE)).toBe(text);
  });

  it("cannot be moved, changed or read under another key", async () => {
    const sealed = await encryptSecret(KEY, "secret", PLACE);
    await expect(decryptSecret(KEY, sealed, { ...PLACE, orchestratorId: "org-003" })).rejects.toThrow();
    await expect(decryptSecret(KEY, sealed, { ...PLACE, column: "redis_url" })).rejects.toThrow();
    await expect(decryptSecret(OTHER_KEY, sealed, PLACE)).rejects.toThrow("another key");
    const last = sealed.at(-3) === "A" ? "B" : "A";
    await expect(decryptSecret(KEY, `${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`, PLACE)).rejects.toThrow();
    await expect(decryptSecret(KEY, "plain text", PLACE)).rejects.toThrow("not an encrypted secret");
  });

  it.each([undefined, "", "dG9vIHNob3J0", "not base64!"])("is refused without a proper key (%s)", async (key) => {
    await expect(encryptSecret(key, "secret", PLACE)).rejects.toThrow(SecretsKeyError);
  });
});

describe("encryptRegistrationSecrets", () => {
  it("needs no key when there is nothing secret", async () => {
    const fields = { name: "Acme", environment_variables: {} };
    expect(await encryptRegistrationSecrets(undefined, "org-002", fields)).toEqual(fields);
  });

  it("encrypts every secret and leaves the rest, names of variables included", async () => {
    const fields = { name: "Acme", redis_url: "redis://r", environment_variables: { A: "1", B: "2" } };
    const sealed = await encryptRegistrationSecrets(KEY, "org-002", fields);
    expect(sealed).toEqual({
      name: "Acme",
      redis_url: expect.stringMatching(/^enc:v1:/),
      environment_variables: { A: expect.stringMatching(/^enc:v1:/), B: expect.stringMatching(/^enc:v1:/) },
    });
    const place = { ...PLACE, column: "environment_variables.B" };
    expect(await decryptSecret(KEY, sealed.environment_variables?.B ?? "", place)).toBe("2");
  });

  it("does not give in when a secret comes without a key", async () => {
    await expect(encryptRegistrationSecrets(undefined, "org-002", { database_url: "x" })).rejects.toThrow(
      SecretsKeyError,
    );
  });
});
