import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFrame } from "../../scripts/lib/connect/frames.ts";
import { idFrom, targetFrom } from "../../scripts/lib/connect/target.ts";
import { type End, pauseMs, verdictOn } from "../../scripts/lib/connect/verdict.ts";
import { CLOSE } from "../../worker/contract/values/codes.ts";

describe("where the example orchestrator connects", () => {
  it.each([
    ["ws://127.0.0.1:8787/ws", undefined, "ws://127.0.0.1:8787/ws", undefined],
    ["http://127.0.0.1:8787", undefined, "ws://127.0.0.1:8787/ws", undefined],
    ["https://controller.example.com", "mca_a.b", "wss://controller.example.com/ws", "Bearer mca_a.b"],
    ["wss://org-002:mca_a.b@controller.example.com/ws", undefined, "wss://controller.example.com/ws", "Bearer mca_a.b"],
    ["wss://org-002:old@controller.example.com/ws", "mca_a.b", "wss://controller.example.com/ws", "Bearer mca_a.b"],
    ["wss://controller.example.com/ws/org-002", "", "wss://controller.example.com/ws/org-002", undefined],
  ])("%s with the token %s is %s", (address, token, url, authorization) => {
    const target = targetFrom(address, token);
    expect(target).toEqual({ url, headers: authorization === undefined ? {} : { Authorization: authorization } });
  });

  it.each(["", "controller.example.com", "ftp://controller.example.com", "wss://", "wss://a:secret@ b"])(
    "%j is no address, and what it holds is not repeated",
    (address) => {
      expect(() => targetFrom(address, undefined)).toThrow(/^(?!.*secret).* is not an address like wss:\/\//);
    },
  );

  it("takes the id of the command line, else that of the address", () => {
    expect(idFrom(["org-002"], "wss://org-003:t@h/ws")).toBe("org-002");
    expect(idFrom([], "wss://org-003:t@h/ws")).toBe("org-003");
    expect(() => idFrom([], "ws://h/ws")).toThrow("Name the orchestrator: npm run connect -- org-002");
    expect(() => idFrom(["a", "b"], "ws://h/ws")).toThrow("Only one id can be connected at a time, not 2.");
    expect(() => idFrom(["-x"], "ws://h/ws")).toThrow('"-x" is not an orchestrator id');
  });
});

describe("after the end of a connection", () => {
  const closed = (code: number, error: Extract<End, { kind: "closed" }>["error"] = null): End => ({
    kind: "closed",
    code,
    reason: "",
    error,
  });
  const refused = (status: number, retryAfterMs: number | null = null): End => ({
    kind: "refused",
    status,
    message: "",
    retryAfterMs,
  });

  it.each([
    "binary",
    "tooLarge",
    "badFrames",
    "credentialEnded",
    "identityMismatch",
    "deregistered",
    "replaced",
  ] as const)("%s is final", (name) => expect(verdictOn(closed(CLOSE[name])).kind).toBe("stop"));

  it.each([
    CLOSE.normal,
    CLOSE.bug,
    CLOSE.overloaded,
    CLOSE.handshakeTimeout,
    CLOSE.silent,
    CLOSE.tooManyFrames,
    1001,
    1006,
  ])("%s is not", (code) => expect(verdictOn(closed(code)).kind).toBe("again"));

  it("waits as it is asked to when its id is in use, and after too many frames", () => {
    const duplicate = closed(CLOSE.replaced, { code: "duplicate_identity", retryAfterMs: 45_000 });
    expect(verdictOn(duplicate)).toMatchObject({ kind: "again", afterMs: 45_000 });
    expect(verdictOn(refused(429, 7_000))).toMatchObject({ kind: "again", afterMs: 7_000 });
    expect(verdictOn(closed(CLOSE.tooManyFrames))).toMatchObject({ kind: "again", afterMs: 30_000 });
  });

  it("makes a sentence of what the controller said, whether that was one or not", () => {
    for (const [message, why] of [
      ["", "The controller answered 500."],
      ["Internal error", "The controller answered 500: Internal error."],
      ["Try again later.", "The controller answered 500: Try again later."],
    ] as const)
      expect(verdictOn({ kind: "refused", status: 500, message, retryAfterMs: null }).why).toBe(why);
  });

  it.each([400, 401, 403, 404, 426, 301])("does not try again after %s", (status) => {
    expect(verdictOn(refused(status)).kind).toBe("stop");
  });

  it("waits longer after each failure, never longer than allowed, and never as long as all others", () => {
    const limits = { minMs: 1_000, maxMs: 30_000 };
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (failures, random) => {
          const pause = pauseMs(failures, limits, () => random);
          expect(pause).toBeGreaterThanOrEqual(500);
          expect(pause).toBeLessThanOrEqual(30_000);
        },
      ),
    );
    expect([0, 1, 2, 3, 9].map((failures) => pauseMs(failures, limits, () => 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 30_000,
    ]);
    expect(pauseMs(3, limits, () => 0)).toBe(4_000);
  });
});

describe("what the example orchestrator reads", () => {
  it("ignores what a newer controller may send, and what is no frame", () => {
    expect(readFrame('{"type":"tomorrow"}')).toEqual({ ignored: "a frame of the type tomorrow" });
    expect(readFrame('{"type":"message"}')).toEqual({ ignored: "a frame of the type message" });
    expect(readFrame("[]")).toEqual({ ignored: "a frame of the type no type" });
    expect(readFrame("{")).toEqual({ ignored: "a frame that is no JSON" });
  });

  it("takes a configuration that somebody sent by hand for none that was published", () => {
    expect(readFrame('{"type":"provision_config","data":{"new":1}}')).toMatchObject({ known: { revision: 0 } });
  });
});
