import { answerableCloseCode } from "../contract/parse-frame.ts";
import type { LogLine, Millis } from "../contract/presence.ts";
import { type QuotaLimits, quotaMessage } from "../contract/quotas.ts";
import { type ClientStreamFrame, clientStreamFrame, type ViewerFilter } from "../contract/stream.ts";
import { STREAM_CLOSE as CLOSE } from "../contract/values/codes.ts";
import { MAX_FRAME_BYTES, MAX_STRIKES } from "../contract/values/limits.ts";
import { seesLine } from "./controller-log.ts";
import { Delivery, type Viewer } from "./delivery.ts";
import { scopeTag, sees } from "./feed.ts";
import { indexOf, type JoinRequest } from "./join.ts";
import { type Place, seatFor } from "./places.ts";
import {
  acknowledge,
  type Feed,
  FRAME_INTERVAL_MS,
  newViewer,
  SLOW_READER_MS,
  type SortedMembers,
  takeWatchToken,
  type ViewerState,
} from "./viewer.ts";
import { Extras } from "./viewer-extras.ts";

const TAG = "viewer";
/** An attachment holds 16,384 bytes. A larger state is kept in memory only. */
const ATTACHMENT_CHARS = 15_000;
const FULL = "All live views of this controller are in use. Try again when another dashboard was closed.";
const GIVEN_UP = "All live views are in use. Your account has the most, so this one was closed for another account.";
/** Stored in place of a state that does not fit. */
const TOO_LARGE = "too large";

/** The sockets of the viewers of one shard: what each was sent, and when each is due to be sent more. */
export class Viewers {
  readonly #ctx: DurableObjectState;
  readonly #feed: Feed;
  readonly #roster: SortedMembers;
  readonly #viewers = new Map<WebSocket, Viewer>();
  readonly #delivery: Delivery;

  constructor(ctx: DurableObjectState, feed: Feed, roster: SortedMembers) {
    this.#ctx = ctx;
    this.#feed = feed;
    this.#roster = roster;
    this.#delivery = new Delivery(feed, roster);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    for (const ws of ctx.getWebSockets(TAG)) {
      const state = ws.deserializeAttachment() as ViewerState | typeof TOO_LARGE | null;
      // It reconnects with its cursor and misses nothing.
      if (state === null || state === TOO_LARGE) close(ws, CLOSE.restart, "restart");
      else this.#viewers.set(ws, { ws, state, extras: new Extras(state.watched) });
    }
  }

  /** Whether this viewer will need a snapshot. */
  needsSnapshot(join: JoinRequest): boolean {
    return this.#resumeAt(join) === null;
  }

  /** Opens the socket, says hello and sends as much as fits. */
  accept(join: JoinRequest, limits: QuotaLimits, now: Millis): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const refusal = this.#seat(join.who, limits);
    if (refusal) {
      server.accept();
      close(server, refusal.code, refusal.reason);
      return new Response(null, { status: 101, webSocket: client });
    }
    this.#ctx.acceptWebSocket(server, [TAG]);
    const { index } = this.#feed;
    const from = this.#resumeAt(join);
    const viewer = { ws: server, state: newViewer(join.who, from, index, now), extras: new Extras([]) };
    this.#viewers.set(server, viewer);
    const { shard, shards } = join;
    const epoch = this.#epochFor(join);
    server.send(JSON.stringify({ type: "hello", epoch, index, shard, shards, resumed: from !== null }));
    this.#advance(viewer, now);
    this.#delivery.forget();
    this.#store(viewer);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Makes room for a viewer. Returns why there is none, or null. */
  #seat(who: ViewerState["who"], limits: QuotaLimits): { code: number; reason: string } | null {
    const viewers = [...this.#viewers.values()];
    const places = viewers.map(({ state }) => placeOf(state.who));
    const seating = seatFor(placeOf(who), places, limits);
    switch (seating.outcome) {
      case "free":
        return null;
      case "taken": {
        const gives = viewers[seating.index];
        if (gives) this.leave(gives.ws, CLOSE.quotaExceeded, GIVEN_UP);
        return null;
      }
      case "full":
        return { code: CLOSE.quotaExceeded, reason: FULL };
      default: {
        const kind = seating.outcome;
        return { code: CLOSE.quotaExceeded, reason: quotaMessage(kind, limits[kind]) };
      }
    }
  }

  /** Handles a frame of a viewer. Returns the ids that it watches when they have changed. */
  receive(ws: WebSocket, raw: string | ArrayBuffer, now: Millis): string[] | null {
    const viewer = this.#viewers.get(ws);
    if (!viewer) return null;
    const frame = parse(raw);
    let watched: string[] | null = null;
    if (frame === null) this.#strike(viewer);
    else if (frame.type === "ack") viewer.state = acknowledge(viewer.state, frame.index);
    else watched = this.#watch(viewer, frame, now);
    if (!this.#viewers.has(ws)) return null;
    this.#advance(viewer, now);
    this.#delivery.forget();
    this.#store(viewer);
    return watched;
  }

  /** Removes a viewer and closes its socket. */
  leave(ws: WebSocket, code: number, reason = ""): void {
    // Without a state it is not restored as a viewer when the shard wakes while the socket closes.
    if (this.#viewers.delete(ws)) ws.serializeAttachment(null);
    close(ws, answerableCloseCode(code), reason);
  }

  /** Closes the viewers that match the filter and returns their number. */
  drop({ session, user, comesBack }: ViewerFilter): number {
    const [code, reason] = comesBack ? [CLOSE.restart, "access changed"] : [CLOSE.revoked, "revoked"];
    const named = [...this.#viewers.values()].filter(({ state: { who } }) => {
      return (session !== undefined && who.session === session) || (user !== undefined && isUser(who, user));
    });
    for (const { ws } of named) this.leave(ws, code, reason);
    return named.length;
  }

  /** The sessions and tokens of viewers that have ended by now, unless they were used since. */
  ended(now: Millis): Set<string> {
    const all = [...this.#viewers.values()].map(({ state }) => state.who);
    return new Set(
      all.flatMap(({ session, endsAt }) => (session && endsAt !== null && endsAt <= now ? [session] : [])),
    );
  }

  /** Sets a later end for the viewers of this session. */
  prolong(session: string, endsAt: Millis): void {
    for (const viewer of this.#viewers.values()) {
      const { who } = viewer.state;
      if (who.session !== session) continue;
      viewer.state = { ...viewer.state, who: { ...who, endsAt } };
      this.#store(viewer);
    }
  }

  /** A member was seen: viewers that watch it are sent when. */
  seen(orchestratorId: string): void {
    for (const { extras } of this.#viewers.values()) extras.see(orchestratorId);
  }

  log(lines: readonly LogLine[]): void {
    if (lines.length === 0) return;
    for (const { state, extras } of this.#viewers.values()) {
      const { organizations } = state.who;
      if (state.logs) extras.addLines(lines.filter((line) => seesLine(line, organizations)));
    }
  }

  /** All ids that a viewer watches and may see, with the last time their objects were told to report each heartbeat. */
  watched(): Map<string, Millis> {
    const all = new Map<string, Millis>();
    for (const { state } of this.#viewers.values()) {
      for (const id of state.watched) {
        const member = this.#roster.get(id);
        if (member && !sees(state.who.organizations, member.view.organizationId)) continue;
        all.set(id, Math.max(all.get(id) ?? 0, state.renewedAt));
      }
    }
    return all;
  }

  /** The objects of all watched ids were told to report each heartbeat. */
  renewed(now: Millis): void {
    for (const viewer of this.#viewers.values()) {
      if (viewer.state.watched.length === 0) continue;
      viewer.state = { ...viewer.state, renewedAt: now };
      this.#store(viewer);
    }
  }

  /** Sends all viewers what is due. */
  flush(now: Millis): void {
    for (const viewer of this.#viewers.values()) {
      const dueAt = this.#dueAt(viewer);
      if (dueAt === null || dueAt > now) continue;
      this.#advance(viewer, now);
      this.#store(viewer);
    }
    this.#delivery.forget();
  }

  /** When {@link flush} has something to do, or null. */
  dueAt(): Millis | null {
    let next: Millis | null = null;
    for (const viewer of this.#viewers.values()) {
      const at = this.#dueAt(viewer);
      if (at !== null && (next === null || at < next)) next = at;
    }
    return next;
  }

  #dueAt({ state, extras }: Viewer): Millis | null {
    const { who, blockedAt, sentAt, read } = state;
    const waiting = read < this.#feed.index || state.snapshot !== null || extras.sights.size > 0 || extras.hasLines;
    const due = blockedAt !== null ? blockedAt + SLOW_READER_MS : waiting ? sentAt + FRAME_INTERVAL_MS : null;
    return who.endsAt !== null && (due === null || who.endsAt < due) ? who.endsAt : due;
  }

  /** Sends a viewer what is due, and closes it when that is no longer possible. */
  #advance(viewer: Viewer, now: Millis): void {
    const end = this.#delivery.advance(viewer, now);
    if (end === "gone") this.#viewers.delete(viewer.ws);
    else if (end !== null) this.leave(viewer.ws, end.code, end.reason);
  }

  #watch(viewer: Viewer, frame: Extract<ClientStreamFrame, { type: "watch" }>, now: Millis): string[] | null {
    const state = takeWatchToken(viewer.state, now);
    if (state === null) {
      this.leave(viewer.ws, CLOSE.tooManyFrames, "too many frames");
      return null;
    }
    const watched = [...new Set(frame.orchestrator_ids)];
    // For a viewer that never acknowledges, a watch frame shows that it reads.
    const unacked = state.hasAcked ? state.unacked : [];
    viewer.state = { ...state, watched, logs: frame.logs ?? false, unacked, renewedAt: 0 };
    viewer.extras.watch(watched, viewer.state.logs);
    return watched;
  }

  #strike(viewer: Viewer): void {
    const strikes = viewer.state.strikes + 1;
    viewer.state = { ...viewer.state, strikes };
    if (strikes > MAX_STRIKES) this.leave(viewer.ws, CLOSE.badFrames, "bad frames");
  }

  #store({ ws, state }: Viewer): void {
    if (!this.#viewers.has(ws)) return;
    const fits = JSON.stringify(state).length <= ATTACHMENT_CHARS;
    ws.serializeAttachment(fits ? state : TOO_LARGE);
  }

  /** The epoch includes what the viewer may see, so that it gets a new snapshot when that has changed. */
  #epochFor({ who }: JoinRequest): string {
    return `${this.#feed.epoch}-${scopeTag(who.organizations)}`;
  }

  #resumeAt(join: JoinRequest): number | null {
    const index = indexOf(join.cursor, this.#epochFor(join));
    return index !== null && this.#feed.covers(index) ? index : null;
  }
}

function placeOf({ kind, name, organizations, account = `${kind}:${name}` }: ViewerState["who"]): Place {
  return { account, organizations };
}

function isUser(who: ViewerState["who"], name: string): boolean {
  return who.kind === "user" && who.name === name;
}

function parse(raw: string | ArrayBuffer): ClientStreamFrame | null {
  if (typeof raw !== "string" || raw.length > MAX_FRAME_BYTES) return null;
  try {
    return clientStreamFrame.parse(JSON.parse(raw));
  } catch {
    return null;
  }
}

function close(ws: WebSocket, code: number, reason: string): void {
  try {
    ws.close(code, reason);
  } catch {
    // Closed already, by either side.
  }
}
