import { describe, expect, it } from "vitest";
import { networkOfAddress } from "../../worker/platform/network.ts";

describe("networkOfAddress", () => {
  it.each([
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::7", "2001:db8:0:0::/64"],
    ["2001:db8:0:0:ffff::7", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8:1::2:3:4:5", "2001:db8:1:0::/64"],
  ])("of %s is %s", (address, network) => {
    expect(networkOfAddress(address)).toBe(network);
  });

  it.each(["192.0.2.7", "::ffff:192.0.2.7", "unknown", ""])("of %j is the address itself", (address) => {
    expect(networkOfAddress(address)).toBe(address);
  });
});
