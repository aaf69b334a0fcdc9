import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newSocket } from "../../worker/orchestrator/state.ts";
import type { Effect, Input, Turn } from "../../worker/orchestrator/turn.ts";
import { World } from "../support/turns.ts";

const ID = "o-1";
const START = 1_800_000_000_000;
const AUDIT = { actor: "test", ip: null, userAgent: null, requestId: "r" };

const kinds = ({ effects }: Turn) => effects.map(({ kind }) => kind);
const reports = ({ effects }: Turn) => effects.filter((effect) => effect.kind === "report");
const frame = (socketId: string, body: object): Input => ({ kind: "frame", socketId, raw: JSON.stringify(body) });

function connect(world: World, socketId: string): void {
  world.take({ kind: "upgrade", socketId, credential: null, address: "203.0.113.1", isOpen: true });
  world.take(frame(socketId, { type: "handshake", data: { orchestrator_id: ID } }));
}

function connected(): World {
  const world = new World(ID, START);
  connect(world, "s1");
  return world;
}

describe("one turn", () => {
  it("independence is reported before Postgres has it, and answered after that", () => {
    const turn = connected().take({ kind: "set_independence", isIndependent: true, audit: AUDIT });
    expect(reports(turn)).toEqual([{ kind: "report", transition: "independence" }]);
    expect(kinds(turn)).toContain("queue");
    expect(turn.answer).toMatchObject({
      is: "delivery",
      stored: { ok: true, value: { isIndependent: true, status: "independent" } },
      accepted: { ok: false, code: "database_unavailable", accepted: true },
    });
  });

  it("registration and deregistration are reported after Postgres has them", () => {
    const world = new World(ID, START);
    world.take({ kind: "register", organizationId: null, fields: {}, audit: AUDIT });
    const asked = { kind: "register", organizationId: null, fields: {}, audit: AUDIT } as const;
    const registering = world.take({ kind: "replied", reply: { to: "registration", found: null }, next: asked });
    expect(reports(registering)).toEqual([{ kind: "report", transition: "registered", after: "delivery" }]);
    const deregistering = world.take({ kind: "deregister", audit: AUDIT });
    expect(reports(deregistering)).toEqual([{ kind: "report", transition: "deregistered", after: "delivery" }]);
  });

  it("a steady heartbeat is a frame and nothing else", () => {
    const world = connected();
    world.take(frame("s1", { type: "i_am_alive" }));
    for (let beat = 1; beat <= 10; beat++) {
      world.now += 10_000;
      const { record } = world.state;
      const turn = world.take(frame("s1", { type: "i_am_alive", metrics: { cpu: beat } }));
      expect(kinds(turn)).toEqual(["send", "trace"]);
      expect(turn.state.record).toBe(record);
    }
  });

  it("an unknown id is asked for, and the command goes on with the reply", () => {
    const world = new World(ID, START);
    const command = { kind: "deregister", audit: AUDIT } as const;
    const { answer, effects } = world.take(command);
    expect(effects).toEqual([]);
    expect(answer).toEqual({ is: "asked", question: "registration", next: command });
    const away = world.take({ kind: "replied", reply: { to: "registration", found: "unavailable" }, next: command });
    expect(away.answer).toMatchObject({ value: { code: "database_unavailable", accepted: false } });
    const found = { outcome: "applied", generation: 3, organization_id: "org", epoch: 7, seq: 9 } as const;
    const { state } = world.take({ kind: "replied", reply: { to: "registration", found }, next: command });
    expect(state.record).toMatchObject({ lifecycle: "deregistered", organizationId: "org", generation: 3, epoch: 8 });
  });

  it("an orchestrator that Postgres does not know is registered when it answers, with the token that it came with", () => {
    const world = new World(ID, START);
    const credential = { keyId: "k1", digest: "d".repeat(64) };
    const next = { kind: "register", organizationId: "org", fields: {}, audit: AUDIT, credential } as const;
    const { answer } = world.take({ kind: "replied", reply: { to: "registration", found: null }, next });
    if (answer.is !== "asked" || !answer.next) throw new Error("registering waits for Postgres");
    const reply = { to: "delivery", isStored: true, isConflict: false } as const;
    const { answer: last } = world.take({ kind: "replied", reply, next: answer.next });
    expect(last).toMatchObject({ stored: { value: { created: true, credentialIssued: true } } });
    expect(world.credentials()).toMatchObject([{ keyId: "k1" }]);
  });
});

// --- Any sequence of inputs -------------------------------------------------------------------------------------------

const socketId = fc.constantFrom("s1", "s2", "s3", "s4");
const text = fc.constantFrom("a", "b", "c", "d");
const found = fc.record({
  outcome: fc.constantFrom("applied", "tombstoned", "stale", "conflict"),
  generation: fc.nat(5),
  organization_id: fc.constantFrom("org", "other"),
  epoch: fc.nat(5),
  seq: fc.nat(5),
});
const body = fc.oneof(
  fc.constant({ type: "handshake", data: { orchestrator_id: ID, metadata: { hostname: "h1" } } }),
  text.map((hostname) => ({ type: "register", orchestrator_id: ID, metadata: { hostname } })),
  fc.record({ type: fc.constant("i_am_alive"), health_status: fc.constantFrom("healthy", "degraded") }),
  fc.record({ type: fc.constant("keepalive"), features: fc.dictionary(text, fc.boolean()) }),
  text.map((name) => ({ type: "update_metadata", metadata: { name } })),
  fc.tuple(text, text).map(([id, content]) => ({ type: "monitoring_report", data: { id, content } })),
  fc.tuple(text, text).map(([id, model]) => ({
    type: "usage_report",
    data: { report_id: id, items: [{ model, requests: 1, input_tokens: 1, output_tokens: 1, cost_usd: 1 }] },
  })),
  fc.constantFrom("applied", "failed", "applying").map((status) => ({ type: "config_status", status })),
  fc.constantFrom({ type: "request_status" }, { type: "provisioning_request" }, { type: "independence_ack" }, {}),
);
const config = fc.record({
  revision: fc.nat(4),
  hash: text,
  features: fc.dictionary(text, fc.boolean()),
  again: fc.boolean(),
});
const credential = text.map((keyId) => ({ keyId, digest: keyId.repeat(64) }));

const input = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(socketId, body).map(([id, sent]) => frame(id, sent)) },
  {
    weight: 2,
    arbitrary: socketId.map(
      (id): Input => ({ kind: "upgrade", ...{ socketId: id, address: null }, credential: null, isOpen: true }),
    ),
  },
  socketId.map((id): Input => ({ kind: "closed", socket: newSocket(id, START), code: 4409 })),
  fc.boolean().map((isDue): Input => ({ kind: "alarm", missed: isDue ? { transition: null } : null })),
  fc.constantFrom<Input>({ kind: "woke" }, { kind: "sweep" }, { kind: "reassert" }, { kind: "look" }),
  fc.nat(60_000).map((ms): Input => ({ kind: "watch", untilMs: START + ms })),
  fc.tuple(fc.boolean(), text, fc.option(fc.constantFrom("org", "other"), { nil: null })).map(
    ([readmit, name, organizationId]): Input => ({
      kind: "register",
      organizationId,
      fields: { name },
      audit: AUDIT,
      readmit,
    }),
  ),
  fc.constantFrom<Input>(
    { kind: "deregister", audit: AUDIT },
    { kind: "leave", audit: AUDIT },
    { kind: "push_config", audit: AUDIT },
  ),
  fc
    .tuple(fc.boolean(), fc.boolean())
    .map(
      ([isIndependent, privacyMode]): Input => ({ kind: "set_independence", isIndependent, privacyMode, audit: AUDIT }),
    ),
  text.map((name): Input => ({ kind: "rename", name })),
  fc.record({ features: fc.dictionary(text, fc.boolean()) }).map((sent): Input => ({ kind: "beat", ...sent })),
  credential.map(
    (fresh): Input => ({ kind: "issue_credential", credential: fresh, label: null, expiresAt: null, audit: AUDIT }),
  ),
  text.map((keyId): Input => ({ kind: "revoke_credential", keyId, audit: AUDIT })),
  text.map(
    (content): Input =>
      ({ kind: "create_message", type: "recommendation", content, metadata: {}, audit: AUDIT }) as Input,
  ),
  config.map((published): Input => ({ kind: "apply_config", settings: {}, policies: {}, ...published })),
  fc.constant<Input>({ kind: "stored", transition: null }),
  found.map((outcome): Input => ({ kind: "settled", intent: { kind: "audit", audit: [] }, outcome }) as Input),
);

/** The input as the runtime would bring it; null: it would not. */
function fitted(world: World, next: Input): Input | null {
  if (next.kind === "upgrade") return world.state.sockets.some(({ id }) => id === next.socketId) ? null : next;
  if (next.kind === "settled") return { ...next, intent: world.queued.shift() ?? next.intent };
  if (next.kind !== "closed") return next;
  const socket = world.state.sockets.find(({ id }) => id === next.socket.id);
  return socket ? { ...next, socket } : null;
}

describe("any sequence of inputs", () => {
  it("never throws, keeps (generation, epoch, seq) rising from report to report, and leaves a state that can be stored", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(40_000), found, fc.boolean()), { maxLength: 40 }), (steps) => {
        const world = new World(ID, START);
        let last = [0, 0, 0];
        const take = (next: Input): Turn => {
          const before = JSON.stringify(world.state.record);
          const turn = world.take(next) as Turn;
          expect(JSON.stringify(turn.state.record) === before || isWritten(turn, next)).toBe(true);
          const { rows: _, outbox: __, ...stored } = turn.state;
          expect(JSON.parse(JSON.stringify(stored))).toEqual(stored);
          expect(JSON.parse(JSON.stringify(turn.effects))).toEqual(turn.effects);
          // What settles an intent is reported by `stored`, after the delivery.
          const isReported = next.kind !== "settled" && (reports(turn).length > 0 || turn.answer.is === "report");
          if (turn.state.record && isReported) {
            const told = numbersOf(world);
            // The alarm repeats a report that the shard did not take.
            if (next.kind !== "alarm") expect(isHigher(told, last)).toBe(true);
            expect(isHigher(last, told)).toBe(false);
            last = told;
          }
          return turn;
        };
        for (const [next, passed, outcome, isStored] of steps) {
          world.now += passed;
          const brought = fitted(world, next);
          if (!brought) continue;
          let { answer } = take(brought);
          for (let asked = 0; answer.is === "asked" && asked < 3; asked++) {
            const reply =
              answer.question === "registration"
                ? ({ to: answer.question, found: isStored ? null : "unavailable" } as const)
                : answer.question === "delivery"
                  ? ({ to: answer.question, isStored, isConflict: outcome.outcome === "conflict" && isStored } as const)
                  : ({ to: answer.question, totals: null } as const);
            ({ answer } = take({ kind: "replied", reply, next: answer.next }));
          }
          expect(answer.is).not.toBe("asked");
        }
      }),
      { numRuns: Number(process.env.DECIDE_RUNS ?? 2_000) },
    );
  }, 600_000);
});

/** The record may change without its row where only what a reset may lose has changed: heartbeats over REST. */
function isWritten({ effects }: Turn, next: Input): boolean {
  const kind = next.kind === "replied" ? next.next?.kind : next.kind;
  return kind === "beat" || effects.some((effect: Effect) => effect.kind === "save");
}

function numbersOf({ state: { record, sockets } }: World): number[] {
  const open = sockets.find(({ id, phase }) => id === record?.session?.id && phase === "open");
  return [record?.generation ?? 0, record?.epoch ?? 0, Math.max(record?.seq ?? 0, open?.seq ?? 0)];
}

function isHigher(one: number[], other: number[]): boolean {
  for (const [index, number] of one.entries()) {
    const difference = number - (other[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
