import { describe, expect, it } from "vitest";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { Client } from "./client.ts";

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
    ["POST", `${INTERNAL}/orchestrators/register`, '{"orchestrator_id":"num-meta","metadata":{"n":1e400}}'],
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
