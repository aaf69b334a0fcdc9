import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Millis } from "../../worker/contract/presence.ts";
import { judgeTakeover, machineOf, NO_CONTEST, noteAnswer } from "../../worker/orchestrator/takeover.ts";

const RUNS = 10_000;
const TTL_MS = 120_000;

/** One id, and the sockets that come to it: the pure decisions with the bookkeeping of the object around them. */
class Id {
  contest = NO_CONTEST;
  holder: { machine: string; firstSeenAt: Millis; socketId: string; lastFrameAt: Millis } | null = null;
  foundAt: Millis | null = null;
  refusals = 0;
  /** What the last refusal asked for. */
  retryAfterMs = 0;
  #sockets = 0;

  /** The socket that was opened, or null when the machine was refused. `answers`: the loser's process runs on. */
  connect(machine: string, now: Millis, answers = true): string | null {
    const loser = this.holder;
    const verdict = judgeTakeover(this.contest, loser, machine, { now, ttlMs: TTL_MS });
    this.contest = verdict.contest;
    if (verdict.isNews) this.foundAt ??= now;
    if (verdict.isRefused) {
      this.refusals += 1;
      this.retryAfterMs = verdict.retryAfterMs;
      return null;
    }
    this.#sockets += 1;
    const socketId = `socket-${this.#sockets}`;
    this.holder = { machine, firstSeenAt: verdict.firstSeenAt, socketId, lastFrameAt: now };
    if (loser && answers) {
      const noted = noteAnswer(this.contest, loser.socketId, machine, now + 50);
      if (noted) this.contest = noted.contest;
      if (noted?.isNews) this.foundAt ??= now;
    }
    return socketId;
  }

  beat(socketId: string | null, now: Millis): void {
    if (this.holder && this.holder.socketId === socketId) this.holder = { ...this.holder, lastFrameAt: now };
  }
}

const host = (name: string | undefined, ip?: string) => machineOf(undefined, name, ip);

describe("one machine", () => {
  it("B13: is never refused and never taken for two, whatever its network does", () => {
    const event = fc.record({
      pauseMs: fc.integer({ min: 0, max: 90_000 }),
      kind: fc.constantFrom("beat", "lost", "closed"),
      // The same computer behind another network, and back.
      ip: fc.constantFrom("10.0.0.1", "10.0.0.2", undefined),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const id = new Id();
        let now = 1_800_000_000_000;
        let socket = id.connect(host("laptop"), now);
        for (const { pauseMs, kind, ip } of events) {
          now += pauseMs;
          if (kind === "beat") {
            id.beat(socket, now);
            continue;
          }
          if (kind === "closed") id.holder = null;
          socket = id.connect(host("laptop", ip), now, false);
          expect(socket).not.toBeNull();
        }
        expect(id.foundAt).toBeNull();
      }),
      { numRuns: RUNS },
    );
  });

  it("B13 sibling: may open several sockets at once, although each that it drops answers", () => {
    const id = new Id();
    for (let index = 0; index < 20; index++) expect(id.connect(host("a"), index * 90)).not.toBeNull();
    expect(id.foundAt).toBeNull();
  });
});

/** Two machines under one id; the second starts at 30 s. Who loses its session comes back after 3 s. */
function rival(machines: readonly string[], beatMs: Millis, untilMs: Millis, wait: (id: Id) => Millis, answers = true) {
  const id = new Id();
  const due: (Millis | null)[] = [0, 30_000];
  const sockets: (string | null)[] = [null, null];
  const beatAt = [0, 0];
  const changedAt: Millis[] = [];
  for (let now = 0; now <= untilMs; now += 250) {
    machines.forEach((machine, index) => {
      const other = 1 - index;
      if (sockets[index] !== null && now >= (beatAt[index] ?? 0)) {
        id.beat(sockets[index] ?? null, now);
        beatAt[index] = now + beatMs;
      }
      if (now < (due[index] ?? Number.POSITIVE_INFINITY)) return;
      sockets[index] = id.connect(machine, now, answers);
      due[index] = sockets[index] === null ? now + wait(id) : null;
      beatAt[index] = now + beatMs;
      if (sockets[index] === null || sockets[other] === null) return;
      sockets[other] = null;
      due[other] = now + 3_000;
      changedAt.push(now);
    });
  }
  return { id, changedAt };
}

describe("two live machines", () => {
  const pair = fc.constantFrom(
    [host("a", "10.0.0.1"), host("b", "10.0.0.2")],
    [host("a", "10.0.0.1"), host("a", "10.0.0.1")],
    [host("a", "10.0.0.1"), host("a", "10.0.0.2")],
    [host(undefined), host(undefined)],
  );

  it("B13: are found within a minute, also with equal or no metadata, and one of them keeps the session", () => {
    const pauses = fc.infiniteStream(fc.integer({ min: 2_000, max: 8_800 }));
    fc.assert(
      fc.property(pair, pauses, fc.integer({ min: 30, max: 100 }), (machines, pause, beatTenths) => {
        const id = new Id();
        const next = () => pause.next().value;
        // When each of them connects again; null while it holds the session.
        const due: (Millis | null)[] = [0, 30_000];
        const sockets: (string | null)[] = [null, null];
        let changes = 0;
        for (let now = 0; now <= 200_000; now += 100) {
          machines.forEach((machine, index) => {
            const at = due[index] ?? Number.POSITIVE_INFINITY;
            if (now < at) return;
            sockets[index] = id.connect(machine, now);
            due[index] = sockets[index] === null ? now + next() : null;
            const other = 1 - index;
            if (sockets[index] === null || sockets[other] === null) return;
            sockets[other] = null;
            due[other] = now + 3_000;
            if (now > 90_000) changes += 1;
          });
          if (now % (beatTenths * 100) === 0) for (const socket of sockets) id.beat(socket, now);
        }
        expect(id.foundAt).not.toBeNull();
        expect(id.foundAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(30_000 + 60_000);
        expect(changes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("B13 sibling: different machines are found also when neither answers the close of its socket", () => {
    const id = new Id();
    id.connect(host("a"), 0);
    id.connect(host("b"), 1_000, false);
    for (let now = 4_000; now <= 61_000; now += 3_000) {
      expect(id.connect(host("a"), now, false)).toBeNull();
      if (id.holder) id.beat(id.holder.socketId, now);
    }
    expect(id.foundAt).toBeLessThanOrEqual(61_000);
  });

  it("B13 sibling: the pause that is asked for grows up to a minute", () => {
    let contest = NO_CONTEST;
    const pauses: number[] = [];
    const holder = { machine: host("new"), firstSeenAt: 1_000, socketId: "s", lastFrameAt: 0 };
    const at = (now: Millis) => ({ now, ttlMs: TTL_MS });
    const old = judgeTakeover(contest, { ...holder, machine: host("old"), firstSeenAt: 0 }, host("new"), at(1_000));
    contest = old.contest;
    for (let now = 4_000; now < 60_000; now += 9_000) {
      const verdict = judgeTakeover(contest, { ...holder, lastFrameAt: now }, host("old"), at(now));
      contest = verdict.contest;
      if (verdict.isRefused) pauses.push(verdict.retryAfterMs);
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it("the older one gets in once the newer one is silent", () => {
    const id = new Id();
    id.connect(host("a"), 0);
    id.connect(host("b"), 1_000);
    expect(id.connect(host("a"), 45_900)).toBeNull();
    expect(id.connect(host("a"), 46_000)).not.toBeNull();
    expect(id.foundAt).toBeNull();
  });

  it("B13: are found, and one keeps the session, when they beat and wait as the controller tells them", () => {
    const slack = fc.infiniteStream(fc.integer({ min: 0, max: 1_500 }));
    fc.assert(
      fc.property(pair, slack, fc.integer({ min: 10, max: 30 }), fc.boolean(), (machines, late, beatSec, isPatient) => {
        const wait = (id: Id) => (isPatient ? id.retryAfterMs : 3_000) + late.next().value;
        const { id, changedAt } = rival(machines, beatSec * 1_000, 20 * 60_000, wait);
        expect(id.foundAt).not.toBeNull();
        expect(id.foundAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(30_000 + 90_000);
        expect(changedAt.filter((at) => at > 120_000)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("B13 sibling: are found also when they beat more slowly than told, so that they take turns", () => {
    fc.assert(
      fc.property(fc.integer({ min: 46, max: 119 }), fc.boolean(), (beatSec, answers) => {
        const machines = [host("a"), host("b")];
        const { id } = rival(machines, beatSec * 1_000, 5 * 60_000, () => 3_000, answers);
        expect(id.foundAt ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(30_000 + 120_000);
      }),
      { numRuns: 100 },
    );
  });

  it("B13 sibling: nobody is warned when the older one takes over from one that died without a word", () => {
    const silentAfter = fc.integer({ min: 0, max: 20_000 });
    const pauses = fc.infiniteStream(fc.integer({ min: 2_000, max: 16_000 }));
    fc.assert(
      fc.property(silentAfter, pauses, (silentMs, pause) => {
        const id = new Id();
        id.connect(host("a"), 0);
        const heir = id.connect(host("b"), 1_000);
        id.beat(heir, 1_000 + silentMs);
        let socket: string | null = null;
        for (let now = 4_000; socket === null; now += pause.next().value) {
          expect(now).toBeLessThan(90_000);
          socket = id.connect(host("a"), now);
        }
        expect(id.foundAt).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe("a rolling restart under one id", () => {
  it("B31: lets the newest in at its first try, and warns nobody", () => {
    const pod = fc.record({
      afterMs: fc.integer({ min: 3_000, max: 90_000 }),
      livesOnMs: fc.integer({ min: 0, max: 30_000 }),
      // Up to what the controller asks for, and slower.
      beatMs: fc.integer({ min: 10, max: 600 }).map((tenths) => tenths * 100),
    });
    fc.assert(
      fc.property(fc.array(pod, { minLength: 2, maxLength: 6 }), (pods) => {
        const id = new Id();
        let start = 0;
        const fleet = pods.map(({ afterMs, ...rest }, index) => {
          start += index === 0 ? 0 : afterMs;
          return { ...rest, startsAt: start, endsAt: Number.POSITIVE_INFINITY, machine: host(`pod-${index}`) };
        });
        fleet.forEach((each, index) => {
          const next = fleet[index + 1];
          if (next) each.endsAt = next.startsAt + each.livesOnMs;
        });
        const due = fleet.map(({ startsAt }): Millis | null => startsAt);
        const sockets = fleet.map((): string | null => null);
        for (let now = 0; now <= start + 60_000; now += 100) {
          fleet.forEach(({ machine, startsAt, endsAt, beatMs }, index) => {
            if (now >= endsAt) {
              if (sockets[index] !== null && id.holder?.socketId === sockets[index]) id.holder = null;
              sockets[index] = null;
              return;
            }
            if ((now - startsAt) % beatMs < 100) id.beat(sockets[index] ?? null, now);
            const at = due[index] ?? null;
            if (at === null || now < at) return;
            const before = sockets.findIndex((socket) => socket !== null && socket === id.holder?.socketId);
            sockets[index] = id.connect(machine, now);
            due[index] = sockets[index] === null ? now + 3_000 : null;
            if (now === startsAt) expect(sockets[index]).not.toBeNull();
            if (sockets[index] === null || before === -1) return;
            expect(before).toBeLessThan(index);
            sockets[before] = null;
            due[before] = now + 3_000;
          });
        }
        expect(id.holder?.machine).toBe(fleet.at(-1)?.machine);
        expect(id.foundAt).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});
