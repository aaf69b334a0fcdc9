import crypto from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CONTROLLER, call } from "./api.ts";
import { createPerson, fromAnywhere, login, PASSWORD, personWithSession } from "./people.ts";
import { sessionOf } from "./session.ts";

const THROTTLES = `${CONTROLLER}/login-throttles`;
type Throttle = { username: string | null; address: string; failures: number; until: string };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Attempts that fail. Derivations would keep this isolate from the answers of Postgres for too long. */
async function failAll(names: string[], headers: Record<string, string>): Promise<number[]> {
  const scrypt = vi
    .spyOn(crypto, "scrypt")
    .mockImplementation((_password, _salt, length, _options, derived) => derived(null, new Uint8Array(length)));
  const answers = await Promise.all(names.map((name) => login(name, "wrong", headers)));
  scrypt.mockRestore();
  return answers.map(({ status }) => status);
}

const namesOf = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

async function listed(bearer: string, of: (one: Throttle) => boolean): Promise<Throttle[]> {
  return (await call("GET", THROTTLES, { bearer })).body.data.items.filter(of);
}

describe("an address from which many logins failed", () => {
  it("B32: lets in who has the right password and no failures there, slowly", async () => {
    await personWithSession("thr-new", "viewer");
    const headers = fromAnywhere();
    expect(await failAll(namesOf("thr-noise", 20), headers)).toEqual(Array(20).fill(401));
    expect((await login("thr-new", PASSWORD, headers)).status).toBe(200);
    // Who was let in once is known there: a flood of others does not stand in the way.
    expect(await failAll(namesOf("thr-flood", 30), headers)).toContain(429);
    expect((await login("thr-new", PASSWORD, headers)).status).toBe(200);
  });

  it("B32: lets in who has logged in from there before, also after 20 wrong passwords of their own", async () => {
    const headers = fromAnywhere();
    await personWithSession("thr-known", "viewer");
    expect((await login("thr-known", PASSWORD, headers)).status).toBe(200);
    expect(await failAll(Array(20).fill("thr-known"), headers)).toEqual(Array(20).fill(401));
    expect((await login("thr-known", PASSWORD, headers)).status).toBe(200);
  });

  it("B32: says for how long, and leaves open sessions alone", async () => {
    const { bearer } = await personWithSession("thr-told", "viewer");
    const headers = fromAnywhere();
    await failAll(Array(5).fill("thr-told"), headers);
    const refused = await login("thr-told", PASSWORD, headers);
    expect([refused.status, refused.body.message]).toEqual([429, "Too many failed attempts. Try again in 15 minutes"]);
    const seconds = Number(refused.headers.get("Retry-After"));
    expect(seconds).toBeGreaterThan(14 * 60);
    expect(seconds).toBeLessThanOrEqual(15 * 60);
    expect((await call("GET", "/api/v1/internal/auth/me", { bearer, headers })).status).toBe(200);
  });
});

describe("an admin", () => {
  it("B32: sees who is locked out, from where and until when, and lifts it at once, audited", async () => {
    await personWithSession("thr-locked", "viewer");
    const headers = { "CF-Connecting-IP": "203.0.113.7" };
    await failAll(Array(5).fill("THR-locked"), headers);
    const bearer = await sessionOf("admin", null);
    const [found] = await listed(bearer, ({ username }) => username === "thr-locked");
    expect(found).toMatchObject({ address: "203.0.113.7", failures: 5 });
    expect(Date.parse(found?.until ?? "") - Date.now()).toBeGreaterThan(14 * 60_000);
    const body = { username: "thr-locked", address: "203.0.113.7" };
    expect((await call("POST", `${THROTTLES}/lift`, { bearer, body })).body).toMatchObject({ failures: 5 });
    expect(await listed(bearer, ({ username }) => username === "thr-locked")).toEqual([]);
    expect((await login("thr-locked", PASSWORD, headers)).status).toBe(200);
    expect((await call("POST", `${THROTTLES}/lift`, { bearer, body })).status).toBe(404);
    const audit = await call("GET", `${CONTROLLER}/audit?action=auth.throttle_lifted`);
    expect(audit.body.data.items[0]).toMatchObject({
      target_id: "thr-locked",
      after: { address: "203.0.113.7", failures: 5 },
    });
  });

  it("B32: lifts what slows a whole address down", async () => {
    const address = "203.0.113.8";
    const headers = { "CF-Connecting-IP": address };
    await failAll(namesOf("thr-slow", 20), headers);
    const bearer = await sessionOf("admin", null);
    const isOf = (one: Throttle) => one.address === address;
    expect(await listed(bearer, isOf)).toEqual([expect.objectContaining({ username: null, failures: 20 })]);
    await call("POST", `${THROTTLES}/lift`, { bearer, body: { username: null, address } });
    expect(await listed(bearer, isOf)).toEqual([]);
  });

  it("who is bound sees the people of their organizations alone", async () => {
    await createPerson("thr-ours", "viewer", ["thr-org"]);
    await createPerson("thr-theirs", "viewer", ["thr-other"]);
    const headers = fromAnywhere();
    for (const name of ["thr-ours", "thr-theirs", "thr-nobody"]) await failAll(Array(5).fill(name), headers);
    const bearer = await sessionOf("admin", ["thr-org"]);
    const all = await listed(bearer, () => true);
    expect(all.map(({ username }) => username)).toEqual(["thr-ours"]);
    const body = { username: "thr-theirs", address: all[0]?.address };
    expect((await call("POST", `${THROTTLES}/lift`, { bearer, body })).status).toBe(404);
    expect((await call("GET", THROTTLES, { bearer: await sessionOf("operator", null) })).status).toBe(403);
  });
});
