import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { build } from "../../scripts/lib/build-assets.ts";
import type { ServerStreamFrame } from "../../worker/contract/stream.ts";
import { type Dashboard, logIn, startDashboard } from "../browser/dashboard.ts";
import type { Controller } from "./controller.ts";
import { beat, openSession, type RawClient } from "./raw-client.ts";
import type { StackOptions } from "./stack.ts";

/** Connections opened at a time, below what a listening socket queues. */
const BATCH = 25;

/** Builds the dashboard into a folder of its own and runs it on the built Worker, for as long as `run` takes. */
export async function withDashboard(
  options: Pick<StackOptions, "vars">,
  run: (dashboard: Dashboard) => Promise<void>,
  prepare: (assets: string) => Promise<void> = async () => undefined,
): Promise<void> {
  const assets = await mkdtemp(join(tmpdir(), "moolai-bench-assets-"));
  const before = process.env.ASSETS_DIR;
  let dashboard: Dashboard | undefined;
  try {
    process.env.ASSETS_DIR = assets;
    await build("silent");
    await prepare(assets);
    dashboard = await startDashboard({ ...options, standalone: true });
    await run(dashboard);
  } finally {
    await dashboard?.stop();
    if (before === undefined) delete process.env.ASSETS_DIR;
    else process.env.ASSETS_DIR = before;
    await rm(assets, { recursive: true, force: true });
  }
}

/** A page behind the login; `beforeLoad` runs in it before anything of its own. `baseURL`: another way to the Worker. */
export async function openPage(
  dashboard: Dashboard,
  path: string,
  beforeLoad?: string,
  baseURL = dashboard.stack.controller.url,
): Promise<Page> {
  const { page } = await dashboard.open("/login", { baseURL, viewport: { width: 1440, height: 1000 } });
  await logIn(page);
  if (beforeLoad !== undefined) await page.addInitScript(beforeLoad);
  await page.goto(path);
  return page;
}

/** Connected orchestrators, one in each organization, whose health changes when it is wanted. */
export class ChangingFleet {
  readonly ids: readonly string[];
  readonly #clients: readonly RawClient[];
  readonly #health: ("healthy" | "degraded")[];

  private constructor(ids: readonly string[], clients: readonly RawClient[]) {
    this.ids = ids;
    this.#clients = clients;
    this.#health = ids.map(() => "healthy");
  }

  static async connect(controller: Controller, count: number): Promise<ChangingFleet> {
    const ids = Array.from({ length: count }, (_, index) => `live-${String(index).padStart(3, "0")}`);
    const clients: RawClient[] = [];
    for (let start = 0; start < count; start += BATCH) {
      const batch = ids.slice(start, start + BATCH);
      clients.push(...(await Promise.all(batch.map((id) => openSession(`${controller.wsUrl}/ws`, id)))));
    }
    for (const client of clients) client.send({ ...beat(), health_status: "healthy" });
    return new ChangingFleet(ids, clients);
  }

  /** One frame of one orchestrator, which says that its health is another now. */
  change(place: number): { id: string; health: "healthy" | "degraded"; at: number } {
    const index = place % this.ids.length;
    const health = this.#health[index] === "healthy" ? "degraded" : "healthy";
    this.#health[index] = health;
    const at = Date.now();
    this.#clients[index]?.send({ ...beat(), health_status: health });
    // What came back is of no interest, and would be kept for ever.
    this.#clients[index]?.frames.splice(0);
    return { id: this.ids[index] ?? "", health, at };
  }

  /** Changes so many times a second, one orchestrator after the other, until it is stopped. */
  keepChanging(perSec: number): { sent(): number; stop(): void } {
    const start = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) / 1000) * perSec);
      while (sent < due) this.change(sent++);
    }, 10);
    return { sent: () => sent, stop: () => clearInterval(timer) };
  }

  stop(): void {
    for (const client of this.#clients) client.kill();
  }
}

/** What the stream's sockets of a page bring, seen from outside of the page, so that looking costs it nothing. */
export function watchFrames(page: Page) {
  const frames: { at: number; bytes: number; changes: number; type: ServerStreamFrame["type"] }[] = [];
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => {
      const text = String(payload);
      if (text === "pong") return;
      const frame = JSON.parse(text) as ServerStreamFrame;
      const changes = frame.type === "delta" ? frame.to - frame.from : 0;
      frames.push({ at: Date.now(), bytes: Buffer.byteLength(text), changes, type: frame.type });
    });
  });
  return {
    /** Since a moment: how many of each kind a second, the most in any second, and how much. */
    since(from: number) {
      const told = frames.filter(({ at, type }) => at >= from && type !== "hello");
      const seconds = Math.max(1, (Date.now() - from) / 1000);
      let most = 0;
      for (let first = 0, last = 0; last < told.length; last += 1) {
        while ((told[last]?.at ?? 0) - (told[first]?.at ?? 0) >= 1000) first += 1;
        most = Math.max(most, last - first + 1);
      }
      const sum = (pick: (frame: (typeof told)[number]) => number) =>
        told.reduce((total, frame) => total + pick(frame), 0);
      return {
        framesPerSec: told.length / seconds,
        mostInASec: most,
        kbPerSec: sum(({ bytes }) => bytes) / 1024 / seconds,
        changesPerSec: sum(({ changes }) => changes) / seconds,
      };
    },
  };
}

/** Median, 95th percentile and the worst, in milliseconds. */
export function percentiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return `p50 ${format(at(0.5))}, p95 ${format(at(0.95))}, max ${format(at(1))} ms`;
}

function format(ms: number): string {
  return ms < 100 ? ms.toFixed(1) : String(Math.round(ms));
}
