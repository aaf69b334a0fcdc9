import { fairlyKept } from "../../common/fair-share.ts";
import type { LogLine, PresenceView } from "../contract/presence.ts";
import type { ServerStreamFrame, StreamLogLine } from "../contract/stream.ts";
import { LINE_HOLDERS } from "./controller-log.ts";

/** The most lines that wait for one viewer. Beyond it, the organizations with most lines lose their oldest. */
const MAX_LINES = 500;
const FRAME_CHARS = 64 * 1024;
export type FrameKind = "delta" | "sights" | "logs";

/** What a viewer gets besides deltas: sights and log lines. They may be lost, because newer ones follow. */
export class Extras {
  readonly sights = new Set<string>();
  #isDeltaNext = true;
  #areLogsNext = false;
  #watched: ReadonlySet<string>;
  #lines: readonly LogLine[] = [];

  constructor(watched: string[]) {
    this.#watched = new Set(watched);
  }

  get hasLines(): boolean {
    return this.#lines.length > 0;
  }

  /** The kinds of frames in the order of their turn: every second one is a delta when there is one. */
  turns(): FrameKind[] {
    const extras: FrameKind[] = this.#areLogsNext ? ["logs", "sights"] : ["sights", "logs"];
    return this.#isDeltaNext ? ["delta", ...extras] : [...extras, "delta"];
  }

  /** After a delta come the waiting extras; when none wait, the next delta need not wait either. */
  served(kind: FrameKind): void {
    this.#isDeltaNext = kind !== "delta" || (this.sights.size === 0 && !this.hasLines);
    if (kind !== "delta") this.#areLogsNext = kind === "sights";
  }

  /** The sights of newly watched members are sent at once. */
  watch(orchestratorIds: string[], logs: boolean): void {
    this.#watched = new Set(orchestratorIds);
    this.sights.clear();
    for (const id of orchestratorIds) this.sights.add(id);
    if (!logs) this.#lines = [];
  }

  see(orchestratorId: string): void {
    if (this.#watched.has(orchestratorId)) this.sights.add(orchestratorId);
  }

  /** Rows of these were sent, which include when they were last seen. */
  saw(orchestratorIds: readonly string[]): void {
    for (const id of orchestratorIds) this.sights.delete(id);
  }

  addLines(lines: readonly LogLine[]): void {
    this.#lines = fairlyKept([...this.#lines, ...lines], MAX_LINES, LINE_HOLDERS);
  }

  /** Null: the viewer may see none of the waiting members. */
  sightsFrame(visible: (orchestratorId: string) => PresenceView | undefined): ServerStreamFrame | null {
    const sights = [...this.sights].flatMap((id) => {
      const view = visible(id);
      return view ? [{ orchestrator_id: id, last_seen: view.lastSeenAt }] : [];
    });
    if (sights.length === 0) this.sights.clear();
    return sights.length === 0 ? null : { type: "sights", sights };
  }

  logsFrame(): ServerStreamFrame | null {
    let chars = 0;
    const lines = this.#lines.map(toStreamLine).filter((line) => {
      chars += JSON.stringify(line).length;
      return chars <= FRAME_CHARS;
    });
    return lines.length === 0 ? null : { type: "logs", lines };
  }

  /** Removes what a sent frame contained. */
  sent(frame: ServerStreamFrame): void {
    if (frame.type === "sights") this.sights.clear();
    if (frame.type === "logs") this.#lines = this.#lines.slice(frame.lines.length);
  }
}

function toStreamLine({ orchestratorId, organizationId: _, isBeat: __, ...line }: LogLine): StreamLogLine {
  return { ...line, orchestrator_id: orchestratorId };
}
