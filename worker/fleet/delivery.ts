import type { Millis } from "../contract/presence.ts";
import type { ServerStreamFrame } from "../contract/stream.ts";
import { STREAM_CLOSE as CLOSE } from "../contract/values/codes.ts";
import { sees } from "./feed.ts";
import {
  type Feed,
  FRAME_INTERVAL_MS,
  fitsWindow,
  nextChunk,
  nextDelta,
  SLOW_READER_MS,
  type SortedMembers,
  type ViewerState,
} from "./viewer.ts";
import type { Extras } from "./viewer-extras.ts";

export interface Viewer {
  readonly ws: WebSocket;
  state: ViewerState;
  readonly extras: Extras;
}

/** Why a viewer is sent nothing more; "gone": its close event is pending. */
export type End = { code: number; reason: string } | "gone";

interface SharedDelta {
  text: string | null;
  ids: string[];
  told: ReturnType<typeof nextDelta>["told"];
}

/** Decides what each viewer is sent and when: a snapshot as fast as the window allows, then frames at a fixed pace. */
export class Delivery {
  readonly #feed: Feed;
  readonly #roster: SortedMembers;
  /** Most viewers are sent the same delta. */
  readonly #deltas = new Map<string, SharedDelta>();

  constructor(feed: Feed, roster: SortedMembers) {
    this.#feed = feed;
    this.#roster = roster;
  }

  /** Sends a viewer the chunks of its snapshot while they fit, or one frame when its turn has come. */
  advance(viewer: Viewer, now: Millis): End | null {
    const { who, blockedAt, read } = viewer.state;
    // Nothing is sent until `checkEnds` has found out whether the session was used in the meantime.
    if (who.endsAt !== null && who.endsAt <= now) return null;
    if (blockedAt !== null && now - blockedAt >= SLOW_READER_MS) {
      return { code: CLOSE.overloaded, reason: "slow reader" };
    }
    // Changes that it was not sent have been deleted: it has to start with a new snapshot.
    if (!this.#feed.covers(read)) return { code: CLOSE.overloaded, reason: "too far behind" };
    try {
      this.#sendDue(viewer, now);
      return null;
    } catch {
      return "gone";
    }
  }

  /** Deltas are shared only by viewers of the same turn, because rows may be newer a moment later. */
  forget(): void {
    this.#deltas.clear();
  }

  #sendDue(viewer: Viewer, now: Millis): void {
    while (viewer.state.snapshot !== null) {
      const { frame, told } = nextChunk(viewer.state, this.#roster);
      if (!this.#send(viewer, JSON.stringify(frame), told.told, now)) return;
      viewer.state = { ...viewer.state, ...told };
    }
    if (now < viewer.state.sentAt + FRAME_INTERVAL_MS) return;
    for (const kind of viewer.extras.turns()) {
      if (kind === "delta" ? this.#sendDelta(viewer, now) : this.#sendExtra(viewer, kind, now)) {
        viewer.extras.served(kind);
        return;
      }
      if (viewer.state.blockedAt !== null) return;
    }
  }

  #sendDelta(viewer: Viewer, now: Millis): boolean {
    if (viewer.state.read >= this.#feed.index) return false;
    const { text, ids, told } = this.#deltaFor(viewer.state);
    const sent = text !== null && this.#send(viewer, text, told.told, now);
    if (sent || text === null) viewer.state = { ...viewer.state, ...told };
    if (sent) viewer.state = { ...viewer.state, sentAt: now };
    if (sent) viewer.extras.saw(ids);
    return sent;
  }

  #deltaFor(state: ViewerState): SharedDelta {
    const { organizations } = state.who;
    const key = `${state.told} ${state.read} ${organizations === null ? "" : JSON.stringify(organizations)}`;
    const known = this.#deltas.get(key);
    if (known) return known;
    const { frame, told } = nextDelta(state, organizations, this.#feed, this.#roster);
    const ids = frame?.rows.map((row) => row.orchestrator_id) ?? [];
    const delta = { text: frame && JSON.stringify(frame), ids, told };
    this.#deltas.set(key, delta);
    return delta;
  }

  #sendExtra(viewer: Viewer, kind: "sights" | "logs", now: Millis): boolean {
    const { extras, state } = viewer;
    const { organizations } = state.who;
    const frame: ServerStreamFrame | null =
      kind === "logs"
        ? extras.logsFrame()
        : extras.sightsFrame((id) => {
            const view = this.#roster.get(id)?.view;
            return view && sees(organizations, view.organizationId) ? view : undefined;
          });
    if (frame === null || !this.#send(viewer, JSON.stringify(frame), state.told, now)) return false;
    extras.sent(frame);
    viewer.state = { ...viewer.state, sentAt: now };
    return true;
  }

  /** Sends when the window has room. Throws when the socket is closing. */
  #send(viewer: Viewer, text: string, index: number, now: Millis): boolean {
    const { state } = viewer;
    if (!fitsWindow(state, text.length)) {
      viewer.state = { ...state, blockedAt: state.blockedAt ?? now };
      return false;
    }
    viewer.state = { ...state, blockedAt: null, unacked: [...state.unacked, [index, text.length]] };
    viewer.ws.send(text);
    return true;
  }
}
