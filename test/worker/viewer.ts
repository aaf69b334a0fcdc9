import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import type { ClientStreamFrame, ServerStreamFrame } from "../../worker/contract/stream.ts";
import { joinRequest } from "../../worker/fleet/join.ts";
import { eventually } from "../support/eventually.ts";
import { StreamState } from "../support/stream-state.ts";
import { DEV_TOKEN } from "./api.ts";

export interface ViewerOptions {
  /** A shard of the test's own, past the Worker; then as somebody who may see these organizations. */
  shard?: DurableObjectStub<undefined>;
  organizations?: string[] | null;
  name?: string;
  /** In whose name; absent: its own. */
  account?: string;
  state?: StreamState;
  headers?: Record<string, string>;
  acks?: boolean;
}

/** The answer to an upgrade of the stream; 101 when it was let in. */
export async function openStream(query: string, headers: Record<string, string>): Promise<Response> {
  const request = new Request(`http://controller.test/api/v1/stream${query}`, { headers });
  return await exports.default.fetch(request);
}

/** A dashboard's socket against the Worker inside workerd. */
export class TestViewer {
  readonly state: StreamState;
  readonly frames: ServerStreamFrame[] = [];
  readonly #socket: WebSocket;
  pongs = 0;
  closeCode: number | null = null;
  closeReason: string | null = null;

  private constructor(socket: WebSocket, { state = new StreamState(), acks = true }: ViewerOptions) {
    this.#socket = socket;
    this.state = state;
    socket.addEventListener("message", (event) => {
      if (event.data === "pong") {
        this.pongs += 1;
        return;
      }
      const frame = JSON.parse(String(event.data)) as ServerStreamFrame;
      this.frames.push(frame);
      this.state.apply(frame);
      if (!acks || frame.type === "hello") return;
      this.send({ type: "ack", index: frame.type === "snapshot" ? frame.index : (this.state.index ?? 0) });
    });
    socket.addEventListener("close", (event) => {
      this.closeCode = event.code;
      this.closeReason = event.reason;
    });
    socket.accept();
  }

  static async open(options: ViewerOptions = {}): Promise<TestViewer> {
    const cursor = options.state?.cursor ?? null;
    const query = cursor === null ? "" : `?cursor=${cursor}`;
    const headers = { Upgrade: "websocket", Authorization: `Bearer ${DEV_TOKEN}`, ...options.headers };
    const who = { kind: "user", name: options.name ?? "test", organizations: options.organizations ?? null } as const;
    const account = options.account === undefined ? {} : { account: options.account };
    const join = { who: { ...who, ...account, session: null, endsAt: null }, cursor, shard: 0, shards: 1 };
    const response = await (options.shard?.fetch(joinRequest(join)) ?? openStream(query, headers));
    if (!response.webSocket) throw new Error(`no upgrade: ${response.status} ${await response.text()}`);
    const viewer = new TestViewer(response.webSocket, options);
    await eventually(() => {
      const isReady = viewer.frames.length > 0 && viewer.state.index !== null;
      expect(isReady || viewer.closeCode !== null).toBe(true);
    });
    if (viewer.closeCode !== null) throw new Error(`closed with ${viewer.closeCode}: ${viewer.closeReason}`);
    return viewer;
  }

  send(frame: ClientStreamFrame): void {
    if (this.closeCode === null) this.#socket.send(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close(1000, "bye");
  }

  of<Type extends ServerStreamFrame["type"]>(type: Type): Extract<ServerStreamFrame, { type: Type }>[] {
    return this.frames.filter((frame) => frame.type === type) as Extract<ServerStreamFrame, { type: Type }>[];
  }

  events(orchestratorId: string): string[] {
    return this.state.events.filter((event) => event.orchestrator_id === orchestratorId).map(({ type }) => type);
  }

  async until(check: (state: StreamState) => void): Promise<void> {
    await eventually(() => check(this.state), { everyMs: 20 });
  }

  async untilClosed(code: number): Promise<void> {
    await eventually(() => expect(this.closeCode).toBe(code));
  }
}
