import { afterEach, describe, expect, it } from "vitest";
import type { ControllerOptions } from "../support/controller.ts";
import { sleep } from "../support/eventually.ts";
import { handshake, RawClient, UpgradeRefused } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const LIST = "/api/v1/controller/organizations";
const FROM = (address: string) => ({ headers: { "CF-Connecting-IP": address } });

let stack: Stack;
afterEach(() => stack?.stop());

const MINUTE_MS = 60_000;
const ROOM_MS = 25_000;

/** The runtime counts by the minutes of the clock: a test has to be over before the next one begins. */
async function start(rates: NonNullable<ControllerOptions["rates"]>): Promise<void> {
  stack = await startStack({ rates });
  const left = MINUTE_MS - (Date.now() % MINUTE_MS);
  if (left < ROOM_MS) await sleep(left);
}

/** The statuses of so many equal requests, one after the other. */
async function statuses(count: number, ask: () => Promise<{ status: number }>): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index++) found.push((await ask()).status);
  return found;
}

describe("floods are refused with 429", { timeout: 120_000 }, () => {
  it("of one caller, whatever addresses it uses, while others go on", async () => {
    await start({ CALL_RATE: 5 });
    let address = 0;
    const ask = () => stack.controller.call("GET", LIST, undefined, FROM(`192.0.2.${address++}`));
    expect(await statuses(7, ask)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const answer = await ask();
    expect(answer.headers.get("Retry-After")).toMatch(/^[1-9]\d*$/);
    expect(answer.body).toMatchObject({ success: false, error: { code: "rate_limited" } });
    const login = { username: "superadmin", password: "moolai-dev" };
    const other = await stack.controller.call("POST", "/api/v1/internal/auth/login", login, { bearer: null });
    const bearer = String(other.body.user?.token);
    expect((await stack.controller.call("GET", LIST, undefined, { bearer })).status).toBe(200);
  });

  it("of refused credentials from one address, and never of good ones", async () => {
    await start({ REFUSAL_RATE: 3 });
    const guess = () => stack.controller.call("GET", LIST, undefined, { bearer: "made-up", ...FROM("192.0.2.1") });
    expect(await statuses(5, guess)).toEqual([401, 401, 401, 429, 429]);
    expect((await stack.controller.call("GET", LIST, undefined, FROM("192.0.2.1"))).status).toBe(200);
    const elsewhere = { bearer: "made-up", ...FROM("192.0.2.2") };
    expect((await stack.controller.call("GET", LIST, undefined, elsewhere)).status).toBe(401);
  });

  it("of connections from one address, and those that are open stay open", async () => {
    await start({ ADDRESS_RATE: 3 });
    const url = `${stack.controller.wsUrl}/ws`;
    const from = FROM("192.0.2.1");
    const first = await RawClient.open(url, from);
    const others = [await RawClient.open(url, from), await RawClient.open(url, from)];
    const refused: unknown = await RawClient.open(url, from).catch((error: unknown) => error);
    if (!(refused instanceof UpgradeRefused)) throw new Error(`not refused: ${String(refused)}`);
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: "rate_limited" } });
    first.send(handshake("org-a"));
    await first.next("handshake_ack");
    const elsewhere = await RawClient.open(url, FROM("192.0.2.2"));
    for (const client of [first, ...others, elsewhere]) client.kill();
  });
});
