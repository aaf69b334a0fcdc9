import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { database } from "../../worker/db/client.ts";
import { activityLogs } from "../../worker/db/schema.ts";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";
import { statementOf } from "./statements.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const raw = (method: string, path: string, body: string) => call(method, path, { body });

describe("numbers in a body", () => {
  it("B08: a number that cannot be kept and a key given twice are refused with the key named, and nothing is published", async () => {
    const id = "num-refused";
    await register(id);
    const cases: [body: string, path: string][] = [
      ['{"settings":{"x":1e400}}', "/body/settings/x"],
      ['{"settings":{"x":9007199254740993}}', "/body/settings/x"],
      ['{"settings":{"x":-1e-400}}', "/body/settings/x"],
      ['{"settings":{"a/b":[0,{"y":0.1000000000000000055511151231257827}]}}', "/body/settings/a~1b/1/y"],
      ['{"settings":{"x":1,"x":2}}', "/body/settings/x"],
      ['{"settings":{"x":1},"settings":{"y":1}}', "/body/settings"],
    ];
    for (const [body, path] of cases) {
      const answer = await raw("PUT", `${CONTROLLER}/organizations/${id}/config`, body);
      expect([answer.status, answer.body.error.code, answer.body.error.details[0]?.path], body).toEqual([
        422,
        "validation_failed",
        path,
      ]);
    }
    expect((await call("GET", `${CONTROLLER}/organizations/${id}/config`)).body.data.revision).toBe(0);
  });

  it("B08: the numbers that can be kept reach answer, history and orchestrator as they were given", async () => {
    const id = "num-kept";
    await register(id);
    const client = await Client.connect(id);
    const settings =
      '{"a":9007199254740991,"b":-9007199254740991,"c":0.1,"d":1e300,"e":5e-324,"f":123456789012345680000,"g":1.10,"h":-0.000001,"i":1e21}';
    const published = await raw("PUT", `${CONTROLLER}/organizations/${id}/config`, `{"settings":${settings}}`);
    expect(published.status).toBe(200);
    const given = JSON.parse(settings);
    expect(published.body.data.settings).toEqual(given);
    expect((await call("GET", `${CONTROLLER}/organizations/${id}/config`)).body.data.settings).toEqual(given);
    await client.until("provision_config", 2);
    expect(client.frames.at(-1)).toMatchObject({ type: "provision_config", data: { settings: given } });
    // An edit elsewhere changes nothing else.
    const edited = await raw("PUT", `${CONTROLLER}/organizations/${id}/features`, '{"features":{"cache":true}}');
    expect(edited.status).toBe(200);
    expect((await call("GET", `${CONTROLLER}/organizations/${id}/config`)).body.data.settings).toEqual(given);
  });

  it.each([
    ["POST", `${INTERNAL}/orchestrators/register`, '{"orchestrator_id":"num-a","orchestrator_id":"num-b"}'],
    [
      "POST",
      `${INTERNAL}/orchestrators/num-kept/messages`,
      '{"message_type":"monitoring","content":"x","metadata":{"n":9007199254740993}}',
    ],
    ["POST", `${CONTROLLER}/organizations`, '{"org_id":"num-org","org_id":"num-other"}'],
    ["POST", `${INTERNAL}/auth/login`, '{"username":"a","username":"superadmin","password":"moolai-dev"}'],
  ])("B08 sibling: %s %s refuses %s", async (method, path, body) => {
    const answer = await raw(method, path, body);
    expect([answer.status, answer.body.error.code]).toEqual([422, "validation_failed"]);
  });

  it.each(["page=1e1", "page=0x1", "page_size=1e1"])("B08 sibling: a list refuses %s", async (query) => {
    expect((await call("GET", `${CONTROLLER}/organizations?${query}`)).status).toBe(422);
  });
});

describe("exports", () => {
  it("B35: an audit of more rows than one file has says so in headers, name and last line; so does a whole one", async () => {
    const one = { actor: "user:csv", action: "config.publish", targetType: "organization", targetId: "csv-many" };
    const db = database(env);
    // Older than everything that other tests look at.
    const at = (index: number) => new Date(Date.UTC(2020, 0, 1) + index * 1000);
    for (let from = 0; from < 10_001; from += 1000) {
      const rows = Array.from({ length: Math.min(1000, 10_001 - from) }, (_, index) => ({
        ...one,
        at: at(from + index),
      }));
      await db.insert(activityLogs).values(rows);
    }
    const cut = await call("GET", `${CONTROLLER}/audit?format=csv&target=csv-many`);
    expect(cut.headers.get("X-Total-Count")).toBe("10001");
    expect(cut.headers.get("X-Export-Complete")).toBe("false");
    expect(cut.headers.get("Content-Disposition")).toMatch(/filename="audit-\d{4}-\d\d-\d\d-partial\.csv"/);
    const lines = cut.text.split("\r\n");
    expect(lines).toHaveLength(1 + 10_000 + 1 + 1);
    expect(lines.at(-2)).toBe(`# cut: 10000 of 10001 rows${",".repeat(11)}`);

    const whole = await call("GET", `${CONTROLLER}/audit?format=csv&target=csv-many&from=${at(1).toISOString()}`);
    expect(whole.headers.get("X-Export-Complete")).toBe("true");
    expect(whole.headers.get("Content-Disposition")).not.toContain("partial");
    expect(whole.text.split("\r\n").at(-2)).toBe(`# complete: 10000 of 10000 rows${",".repeat(11)}`);
  });

  it("B35: an export whose database goes away on the way ends in an error and without its last line", async () => {
    const { fetch } = globalThis;
    let statements = 0;
    // The count, then rows; the second portion of rows is the third.
    vi.spyOn(globalThis, "fetch").mockImplementation(async (...call) => {
      if (statementOf(call).includes("csv-many")) statements += 1;
      if (statements > 2) throw new TypeError("fetch failed");
      return await fetch(...call);
    });
    await expect(call("GET", `${CONTROLLER}/audit?format=csv&target=csv-many`)).rejects.toThrow();
    expect(statements).toBeGreaterThan(2);
  });
});

describe("names from outside", () => {
  const nameOf = async (id: string) => (await call("GET", `${CONTROLLER}/organizations/${id}`)).body.data.name;

  it("B14: a name that looks empty is none, so that the id stands for it", async () => {
    (await Client.connect("txt-blank", { name: "\u2800\u3164\u200b", hostname: "h" })).socket.close();
    await eventually(async () => expect(await nameOf("txt-blank")).toBe("txt-blank"));
    await register("txt-rest", { name: "\u200b" });
    expect(await nameOf("txt-rest")).toBe("txt-rest");
    const changed = await call("PUT", `${CONTROLLER}/organizations/txt-rest`, { body: { name: "\u3164" } });
    expect([changed.status, changed.body.error?.details[0]?.path]).toEqual([422, "/body/name"]);
  });

  it("B21 sibling: a name is kept in one normal form, by a handshake and over REST", async () => {
    (await Client.connect("txt-nfd", { name: "cafe\u0301", hostname: "h" })).socket.close();
    await eventually(async () => expect(await nameOf("txt-nfd")).toBe("caf\u00e9"));
    await register("txt-nfd-rest", { name: "cafe\u0301" });
    expect(await nameOf("txt-nfd-rest")).toBe("caf\u00e9");
  });
});
