import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InboundFrame } from "../../worker/contract/frames.ts";
import {
  confirmConfig,
  forgetSession,
  isOwed,
  queueAgain,
  receiveConfig,
  tell,
} from "../../worker/orchestrator/presence.ts";
import { newRecord, type OrchestratorRecord } from "../../worker/orchestrator/state.ts";

type ConfigStatus = Extract<InboundFrame, { type: "config_status" }>;

const config = (revision: number) => ({
  revision,
  hash: `hash-${revision}`,
  features: {},
  settings: {},
  policies: {},
});

/** One orchestrator as its object moves it, without sockets. */
class World {
  record: OrchestratorRecord = newRecord("org", "org", 0);
  isConnected = false;
  now = 1_000;

  #tell(): void {
    if (this.isConnected && !this.record.isIndependent) this.record = tell(this.record, this.now);
  }

  publish(): void {
    this.record = receiveConfig(this.record, config(this.record.config.revision + 1), this.now) ?? this.record;
    this.#tell();
  }

  again(): void {
    if (this.record.configState === "applied" || this.record.configState === "queued") return;
    this.record = queueAgain(this.record, this.now) ?? this.record;
    this.#tell();
  }

  connect(): void {
    this.record = forgetSession(this.record, this.now);
    this.isConnected = true;
    this.#tell();
  }

  disconnect(): void {
    this.record = forgetSession(this.record, this.now);
    this.isConnected = false;
  }

  toggle(): void {
    this.record = { ...this.record, isIndependent: !this.record.isIndependent };
    if (isOwed(this.record)) this.#tell();
  }

  say(words: Omit<ConfigStatus, "type">): void {
    if (!this.isConnected) return;
    this.record = confirmConfig(this.record, { type: "config_status", ...words }, this.now) ?? this.record;
  }
}

/** After revision 2 was published, told and applied. */
function applied(): World {
  const world = new World();
  world.publish();
  world.connect();
  world.publish();
  world.say({ revision: 2, status: "applied" });
  expect(world.record).toMatchObject({ configState: "applied", runningRevision: 2 });
  return world;
}

describe("what is claimed of a configuration", () => {
  it("B09: is taken back by a new session that confirms nothing, and by the end of one", () => {
    const world = applied();
    world.connect();
    expect(world.record).toMatchObject({ configState: "unconfirmed", runningRevision: 2 });
    world.say({ hash: "hash-2", status: "applied" });
    expect(world.record.configState).toBe("applied");
    world.disconnect();
    expect(world.record.configState).toBe("unconfirmed");
  });

  it("B09: is drifted when it says that it applied another revision or content, with the one that runs", () => {
    for (const words of [{ revision: 1 }, { revision: 7 }, { revision: 2, hash: "other" }, { hash: "other" }]) {
      const world = applied();
      world.now += 60_000;
      world.say({ ...words, status: "applied" });
      expect(world.record).toMatchObject({
        configState: "drifted",
        runningRevision: words.revision ?? null,
        configSince: world.now,
      });
      world.connect();
      expect(world.record.configState).toBe("drifted");
      world.say({ revision: 2, status: "applied" });
      expect(world.record.configState).toBe("applied");
    }
  });

  it("B09: keeps the error of one that failed and was rolled back, through a new session", () => {
    const world = applied();
    world.publish();
    world.say({ revision: 3, status: "failed", error: "no disk" });
    world.say({ revision: 2, status: "applied" });
    world.connect();
    expect(world.record).toMatchObject({ configState: "failed", configError: "no disk", runningRevision: 2 });
    world.say({ revision: 3, status: "applied" });
    expect(world.record).toMatchObject({ configState: "applied", configError: null, runningRevision: 3 });
  });

  it("B18: is not taken back by an `applying` that comes late, whichever revision that names", () => {
    const world = applied();
    for (const revision of [1, 2, 3]) world.say({ revision, status: "applying" });
    expect(world.record.configState).toBe("applied");
    world.publish();
    world.say({ revision: 3, status: "failed", error: "no disk" });
    world.say({ revision: 3, status: "applying" });
    expect(world.record).toMatchObject({ configState: "failed", configError: "no disk" });
  });

  it("B18: is not `applying` of one that is gone, and says since when it is", () => {
    const world = applied();
    world.publish();
    world.now += 1_000;
    world.say({ revision: 3, status: "applying" });
    world.now += 1_000;
    world.say({ revision: 3, status: "applying" });
    expect(world.record).toMatchObject({ configState: "applying", configSince: world.now - 1_000 });
    world.disconnect();
    expect(world.record.configState).toBe("unconfirmed");
  });

  it("B18: ends in applied when the same is published again and confirmed", () => {
    const world = applied();
    world.publish();
    world.say({ revision: 3, status: "applying" });
    world.again();
    expect(world.record.configState).toBe("sent");
    world.say({ revision: 3, status: "applied" });
    expect(world.record.configState).toBe("applied");
    world.again();
    expect(world.record.configState).toBe("applied");
  });

  it("stays at `sent` with a client that never confirms, whatever happens to its connection", () => {
    const world = new World();
    world.publish();
    for (let count = 0; count < 3; count++) {
      world.connect();
      expect(world.record.configState).toBe("sent");
      world.disconnect();
      expect(world.record.configState).toBe("sent");
    }
  });

  it("is not moved by what is said of an older one while a newer one waits", () => {
    const world = applied();
    world.toggle();
    world.publish();
    world.say({ revision: 2, status: "applied" });
    world.say({ revision: 2, status: "failed", error: "late" });
    expect(world.record).toMatchObject({ configState: "queued", configError: null });
  });

  it("B09, B18: is justified by the last session's words, whatever comes in whichever order", () => {
    const say = fc.record({
      kind: fc.constant("say" as const),
      back: fc.integer({ min: -1, max: 2 }),
      by: fc.constantFrom("revision", "hash", "both", "otherHash"),
      status: fc.constantFrom("applying", "applied", "failed"),
    });
    const plain = fc.record({ kind: fc.constantFrom("publish", "again", "connect", "disconnect", "toggle") });
    fc.assert(
      fc.property(fc.array(fc.oneof({ arbitrary: say, weight: 2 }, plain), { maxLength: 30 }), (steps) => {
        const world = new World();
        // What was said in this session since it was told what it was told last, as an outsider would write it down.
        let said: { isTold: boolean; status: string; error: string }[] = [];
        let failures: string[] = [];
        for (const [index, step] of steps.entries()) {
          world.now += 1_000;
          const before = world.record;
          if (step.kind === "say") {
            const { toldConfig } = before;
            const revision = Math.max(0, toldConfig.revision - step.back);
            const hash = step.by === "otherHash" ? "other" : `hash-${revision}`;
            const words = {
              ...(step.by === "hash" ? {} : { revision }),
              ...(step.by === "revision" ? {} : { hash }),
              status: step.status,
              error: `error ${index}`,
            } as const;
            world.say(words);
            if (!world.isConnected) continue;
            const isTold = revision === toldConfig.revision && (step.by === "revision" || hash === toldConfig.hash);
            said.push({ isTold, status: step.status, error: words.error });
            if (isTold && step.status === "failed") failures.push(words.error);
          } else {
            world[step.kind]();
            if (step.kind === "connect" || step.kind === "disconnect") said = [];
            if (world.record.configState === "queued" || world.record.configState === "sent") said = [];
            const isToldAnew = world.record.configState === "sent" && before.configState !== "sent";
            if (world.record.config !== before.config || isToldAnew) failures = [];
          }
          const { configState, configError, config: desired, toldConfig, runningRevision } = world.record;
          const decisive = said.filter(({ isTold, status }) => (isTold ? status !== "applying" : status === "applied"));
          const last = decisive.at(-1);
          expect(configState === "none").toBe(desired.revision === 0);
          expect(configError !== null).toBe(configState === "failed");
          if (configState !== "queued" && configState !== "none") expect(toldConfig.revision).toBe(desired.revision);
          if (configState === "applied") {
            expect([world.isConnected, last]).toMatchObject([true, { isTold: true, status: "applied" }]);
            expect(runningRevision).toBe(desired.revision);
          }
          if (configState === "applying") {
            expect(world.isConnected).toBe(true);
            expect(said.some(({ isTold, status }) => isTold && status === "applying")).toBe(true);
            // It may go back to what it was told from another one, but an `applying` takes back no last word.
            expect(last?.isTold ?? false).toBe(false);
          }
          // Who can hear it has been told.
          if (world.isConnected && !world.record.isIndependent) expect(configState).not.toBe("queued");
          if (configState === "failed") expect(configError).toBe(failures.at(-1));
          // What has just been said of it is what is shown, unless a newer one waits.
          if (last?.isTold && step.kind === "say" && configState !== "queued" && configState !== "none")
            expect(configState).toBe(last.status);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});
