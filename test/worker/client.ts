import { env, exports } from "cloudflare:workers";
import { expect } from "vitest";
import type { OrchestratorRpc } from "../../worker/contract/rpc.ts";
import { fleetOf } from "../../worker/fleet/shard.ts";
import { eventually } from "../support/eventually.ts";

export type Frame = { type: string } & Record<string, unknown>;

/** The answer to an upgrade, whatever it is. */
export async function upgrade(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(`http://controller.test${path}`, { headers: { Upgrade: "websocket", ...headers } });
  return await exports.default.fetch(request);
}

/** An orchestrator's socket against the Worker inside workerd. */
export class Client {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  closeCode: number | null = null;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener("message", (event) => {
      this.frames.push(JSON.parse(String(event.data)) as Frame);
    });
    socket.addEventListener("close", (event) => {
      this.closeCode = event.code;
    });
    socket.accept();
  }

  static async open(path: string, headers: Record<string, string> = {}): Promise<Client> {
    const { webSocket, status } = await upgrade(path, headers);
    if (!webSocket) throw new Error(`no upgrade: ${status}`);
    return new Client(webSocket);
  }

  /** Opens a session with an agent token and waits for its ack. */
  static async connectWith(token: string, id: string): Promise<Client> {
    const client = await Client.open("/ws", { Authorization: `Bearer ${token}` });
    client.send({ type: "handshake", data: { orchestrator_id: id, metadata: { hostname: "h" } } });
    await client.until("handshake_ack", 1);
    return client;
  }

  /** Opens a session under this id and waits for its ack. */
  static async connect(id: string, metadata: object = { hostname: "h" }): Promise<Client> {
    const client = await Client.open(`/ws/${id}`);
    client.send({ type: "handshake", data: { orchestrator_id: id, metadata } });
    await client.until("handshake_ack", 1);
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  async until(type: string, count: number): Promise<void> {
    await eventually(() => expect(this.frames.filter((frame) => frame.type === type)).toHaveLength(count));
  }

  async untilClosed(code: number): Promise<void> {
    await eventually(() => expect(this.closeCode).toBe(code));
  }
}

/** Stubs for the helpers of `cloudflare:test`, which care about storage and not about RPC types. */
export const orchestratorStub = (id: string) =>
  env.ORCHESTRATOR.getByName(id) as unknown as DurableObjectStub<undefined>;
export const fleetStub = (id: string) => env.FLEET.get(fleetOf(env, id).id) as unknown as DurableObjectStub<undefined>;
export const orchestratorRpc = (id: string) => env.ORCHESTRATOR.getByName(id) as unknown as OrchestratorRpc;
