import type { OutboundFrame } from "../../worker/contract/frames.ts";
import type { JsonObject } from "../../worker/contract/json.ts";
import { QUOTA_KINDS, QUOTAS, type QuotaLimits } from "../../worker/contract/quotas.ts";
import { decide } from "../../worker/orchestrator/decide.ts";
import type { Intent } from "../../worker/orchestrator/intents.ts";
import type { Clock, Credential, OrchestratorRecord, SocketState } from "../../worker/orchestrator/state.ts";
import { type Contest, NO_CONTEST } from "../../worker/orchestrator/takeover.ts";
import type { AnswerTo, Effect, InputKind, InputOf, Queue, Rows, State, Turn } from "../../worker/orchestrator/turn.ts";

const quotas = Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, QUOTAS[kind].limit])) as QuotaLimits;
let made = 0;

/** The clock of a decision at this moment. Its ids are numbers that rise. */
export function clockAt(now: number, rest: Partial<Clock> = {}): Clock {
  const ids = { newId: () => `id-${++made}` };
  return { now, ttlMs: 120_000, reportIntervalMs: 110_000, quotas, isConfigured: true, ...ids, ...rest };
}

const NO_ROWS: Rows = {
  credentials: () => [],
  lastActivity: () => undefined,
  undeliveredMessages: () => 0,
  unsent: () => ({ frames: [], isCut: false }),
  sentIn: () => [],
  received: () => null,
  countedReport: () => null,
  modelDay: () => null,
  modelsSince: () => 0,
};

const EMPTY: Queue = { isFull: false, dueAt: null };

export function stateOf(ownId: string, rest: Partial<State> = {}): State {
  return {
    ownId,
    record: null,
    sockets: [],
    contest: NO_CONTEST,
    messageQuota: { reached: null, knownAt: 0, isAsked: false },
    upgrades: { tokens: 100, tokensAt: 0 },
    rows: NO_ROWS,
    outbox: EMPTY,
    ...rest,
  };
}

/** One frame, and the socket of the session before it, of an object that has no rows. */
export interface Incoming {
  record: OrchestratorRecord | null;
  socket: Readonly<SocketState>;
  previous: Readonly<SocketState> | null;
  ownId: string;
  contest?: Contest;
}

export interface Step {
  record: OrchestratorRecord | null;
  socket: Readonly<SocketState>;
  contest: Contest;
  effects: Effect[];
}

export function receive(incoming: Incoming, raw: string | ArrayBuffer, clock: Clock): Step {
  const { record, socket, previous, ownId, contest = NO_CONTEST } = incoming;
  const sockets = previous ? [previous, socket] : [socket];
  const state = stateOf(ownId, { record, sockets, contest });
  const turn = decide(state, { kind: "frame", socketId: socket.id, raw }, clock);
  const after = turn.state.sockets.find(({ id }) => id === socket.id);
  if (!after) throw new Error("the socket is gone");
  return { record: turn.state.record, socket: after, contest: turn.state.contest, effects: turn.effects };
}

interface Undelivered {
  id: number;
  messageId: string | null;
  frame: OutboundFrame;
  sentIn: string | null;
}

/**
 * An orchestrator's object without a runtime: `decide`, and rows in memory that its effects change. What is asked or awaited
 * is answered by the caller, as another input.
 */
export class World implements Rows, Queue {
  state: State;
  now: number;
  readonly queued: Intent[] = [];
  #credentials: Credential[] = [];
  #activity: { type: string; data: JsonObject }[] = [];
  #undelivered: Undelivered[] = [];
  #received = new Map<string, { messageId: string; digest: string }>();
  #counted = new Map<string, string>();
  #models = new Map<string, number>();
  #rows = 0;

  constructor(ownId: string, now: number) {
    this.now = now;
    this.state = stateOf(ownId, { rows: this, outbox: this });
  }

  take<K extends InputKind>(input: InputOf<K>): Turn<AnswerTo<K>> {
    const turn = decide(this.state, input, clockAt(this.now));
    this.state = turn.state;
    for (const effect of turn.effects) this.#apply(effect);
    return turn;
  }

  get isFull(): boolean {
    return this.queued.length >= 50;
  }

  get dueAt(): number | null {
    return this.queued.length > 0 ? this.now : null;
  }

  credentials = () => this.#credentials;
  lastActivity = () => this.#activity.at(-1);
  undeliveredMessages = () => this.#undelivered.filter(({ messageId }) => messageId !== null).length;
  unsent = (sessionId: string) => {
    const waiting = this.#undelivered.filter(({ sentIn }) => sentIn !== sessionId);
    return { frames: waiting.slice(0, 3), isCut: waiting.length > 3 };
  };
  sentIn = (sessionId: string) =>
    this.#undelivered.flatMap(({ sentIn, messageId }) => (sentIn === sessionId && messageId ? [messageId] : []));
  received = (clientId: string) => this.#received.get(clientId) ?? null;
  countedReport = (reportId: string) => this.#counted.get(reportId) ?? null;
  modelDay = (name: string) => this.#models.get(name) ?? null;
  modelsSince = (day: number) => [...this.#models.values()].filter((each) => each >= day).length;

  #apply(effect: Effect): void {
    switch (effect.kind) {
      case "clear":
        this.#activity = [];
        this.#undelivered = [];
        for (const each of [this.#received, this.#counted, this.#models]) each.clear();
        if (effect.withCredentials) this.#credentials = [];
        break;
      case "activity":
        this.#activity.push(effect);
        break;
      case "queue":
      case "queue_profile":
        this.queued.push(effect.intent);
        break;
      case "credentials": {
        const others = this.#credentials.filter(({ keyId }) => !effect.changed.some((each) => each.keyId === keyId));
        this.#credentials = [...others, ...effect.changed];
        break;
      }
      case "keep":
        this.#undelivered.push({ ...effect, id: ++this.#rows });
        break;
      case "mark_sent":
        for (const each of this.#undelivered) if (effect.ids.includes(each.id)) each.sentIn = effect.sessionId;
        break;
      case "confirmed":
        this.#undelivered = this.#undelivered.filter(({ sentIn }) => sentIn !== effect.sessionId);
        break;
      case "received":
        this.#received.set(effect.clientId, effect);
        break;
      case "counted":
        this.#counted.set(effect.reportId, effect.digest);
        break;
      case "models":
        for (const name of effect.names) this.#models.set(name, effect.today);
        break;
    }
  }
}
