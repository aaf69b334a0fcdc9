import { expect, it } from "vitest";
import { canonicalName, hashPassword, verifyPassword } from "../../worker/passwords.ts";

const PASSWORD = "correct horse battery";

it("verifies a password against its own hash alone", async () => {
  const [hash, other] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];
  expect(hash).not.toBe(other);
  expect(await verifyPassword(PASSWORD, hash)).toBe(true);
  expect(await verifyPassword(`${PASSWORD} `, hash)).toBe(false);
  expect(await verifyPassword("", hash)).toBe(false);
});

it.each([null, "", "scrypt$14$8$5$$", "scrypt$1$1$1$AAAA$AAAA", "plain", `scrypt$14$8$5$${"A".repeat(22)}==$AAAA`])(
  "never fits %j, and takes as long",
  async (stored) => {
    const begin = performance.now();
    await verifyPassword(PASSWORD, await hashPassword(PASSWORD));
    const usual = (performance.now() - begin) / 2;
    const start = performance.now();
    expect(await verifyPassword(PASSWORD, stored)).toBe(false);
    expect(performance.now() - start).toBeGreaterThan(usual / 4);
  },
);

it("has one spelling for a name", () => {
  expect(canonicalName(" ＡDA ")).toBe("ada");
});
