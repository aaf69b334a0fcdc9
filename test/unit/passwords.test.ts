import crypto from "node:crypto";
import { expect, it, vi } from "vitest";
import { canonicalName } from "../../worker/contract/people.ts";
import { hashPassword, verifyPassword } from "../../worker/platform/passwords.ts";

const PASSWORD = "correct horse battery";

it("verifies a password against its own hash alone", async () => {
  const [hash, other] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];
  expect(hash).not.toBe(other);
  expect(await verifyPassword(PASSWORD, hash)).toBe(true);
  expect(await verifyPassword(`${PASSWORD} `, hash)).toBe(false);
  expect(await verifyPassword("", hash)).toBe(false);
});

it.each([null, "", "scrypt$14$8$5$$", "scrypt$1$1$1$AAAA$AAAA", "plain", `scrypt$14$8$5$${"A".repeat(22)}==$AAAA`])(
  "never fits %j, after one derivation as for any other",
  async (stored) => {
    const scrypt = vi.spyOn(crypto, "scrypt").mockClear();
    expect(await verifyPassword(PASSWORD, stored)).toBe(false);
    expect(scrypt).toHaveBeenCalledTimes(1);
  },
);

it("has one spelling for what people take for the same name", () => {
  expect(canonicalName(" ＡDA ")).toBe("ada");
});
