import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser } from "../../scripts/lib/user.ts";
import { Canaries } from "../support/canaries.ts";
import { frameOf, SESSION_TYPES } from "../support/doors.ts";
import { eventually } from "../support/eventually.ts";
import { everyAnswer, type Place, wholeStream } from "../support/leaks.ts";
import { beat, openSession, RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const PASSWORD = "a long and unusual sentence 4";
const REGISTER = "/api/v1/internal/orchestrators/register";
describe.each(["answers", "was away meanwhile"])(
  "an id that another organization registers, while the database %s",
  (kind) => {
    const away = kind !== "answers";
    const id = away ? "machine-away" : "machine";
    const former = `tenant-former-${away}`;
    const next = `tenant-next-${away}`;
    const words = new Canaries({ plain: (word) => word });
    let stack: Stack;
    let client: RawClient;
    const bearers: string[] = [];
    let agentToken = "";
    let handedOverAt = 0;

    beforeAll(async () => {
      stack = await startStack({ vars: { LOG_LEVEL: "debug" } });
      const { controller, database } = stack;
      const ok = async (method: string, path: string, body?: object, bearer?: string) => {
        const answer = await controller.call(method, path, body, bearer ? { bearer } : {});
        if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
        return answer.body;
      };
      const refuse = () =>
        RawClient.open(`${controller.wsUrl}/ws/${id}`, { headers: { Authorization: "Bearer mca_wrong" } }).catch(
          () => {},
        );
      // At a time when nobody has the id: whoever gets it is not to read who knocked.
      await refuse();
      const free = (door: string) => words.fill(door, { type: "object" }, {});
      await ok("POST", REGISTER, {
        orchestrator_id: id,
        organization_id: former,
        name: words.of("name"),
        location: words.of("location"),
        website: `https://acme.example/${words.of("website")}`,
        environment_variables: { [words.of("variable")]: "x" },
        ...Object.fromEntries(["metadata", "features", "session_config"].map((field) => [field, free(field)])),
      });
      client = await RawClient.open(`${controller.wsUrl}/ws/${id}`);
      client.send(frameOf(words, "handshake"));
      await client.next("handshake_ack");
      await ok("PUT", `/api/v1/controller/organizations/${former}/config`, {
        features: free("config"),
        settings: free("settings"),
        policies: free("policies"),
      });
      await ok("PUT", `/api/v1/controller/organizations/${former}`, { name: words.of("org"), metadata: free("org") });
      await ok("POST", `/api/v1/internal/orchestrators/${id}/messages`, {
        message_type: "recommendation",
        content: words.of("message"),
        metadata: free("message"),
      });
      await ok("POST", `/api/v1/controller/orchestrators/${id}/tokens`, { label: words.of("label") });
      await ok("POST", `/api/v1/controller/organizations/${former}/join-tokens`, { label: words.of("join label") });
      for (const type of SESSION_TYPES) if (type !== "config_status") client.send(frameOf(words, type));
      client.send({ type: "config_status", revision: 1, status: "failed", error: words.of("config error") });
      client.send({ type: "request_status" });
      await client.next("status");
      await client.next("status");
      await eventually(async () => {
        const [row] = await database.query("SELECT count(*)::int AS rows FROM usage_hourly");
        expect(Number(row?.rows)).toBeGreaterThan(0);
        const { body } = await controller.call("GET", `/api/v1/controller/orchestrators/${id}`);
        expect(body.data?.config_snapshot).toBeTruthy();
      });
      // It is told apart from the next one by all of this, so it has to be there.
      const before = await everyAnswer(stack, values());
      for (const place of ["/activity", "/messages", "/audit", "/costs"]) {
        const found = before.filter(({ where, text }) => where.includes(place) && leaksOf(text).length > 0);
        expect(found.length, place).toBeGreaterThan(0);
      }
      await refuse();
      await eventually(async () => expect((await stack.logLines(id)).join()).toContain("refused"));
      handedOverAt = Date.now();
      if (away) {
        await database.pause();
        for (const [method, path, body] of [
          ["DELETE", `/api/v1/internal/orchestrators/${id}/deregister`],
          ["POST", REGISTER, { orchestrator_id: id, organization_id: next }],
        ] as const) {
          expect((await controller.call(method, path, body)).status).toBe(503);
        }
        await database.resume();
        await eventually(async () => expect((await stack.instance(id))?.organization_id).toBe(next));
        agentToken = String((await ok("POST", REGISTER, { orchestrator_id: id, organization_id: next })).agent_token);
      } else {
        await ok("DELETE", `/api/v1/internal/orchestrators/${id}/deregister`);
        agentToken = String((await ok("POST", REGISTER, { orchestrator_id: id, organization_id: next })).agent_token);
      }
      for (const role of ["viewer", "admin"] as const) {
        await createUser(database, { username: role, role, organizations: [next], password: PASSWORD });
        const { user } = await ok("POST", "/api/v1/internal/auth/login", { username: role, password: PASSWORD });
        bearers.push(String(user?.token));
      }
      client.kill();
      client = await openSession(`${controller.wsUrl}/ws`, id);
      client.send(beat());
      await client.next("keepalive_ack");
    });

    afterAll(async () => {
      client?.kill();
      await stack?.stop();
    });

    const values = () => ({
      orchestrator_id: id,
      organization_id: next,
      message_id: crypto.randomUUID(),
      user_id: crypto.randomUUID(),
      revision: "1",
      ids: id,
    });

    function leaksOf(text: string): string[] {
      const found = [...words.words].filter(([word]) => text.includes(word)).map(([, place]) => place);
      return text.includes(former) ? [former, ...found] : found;
    }

    /** What happened before, by the time that stands at it. */
    function earlier({ where, text }: Place): string[] {
      if (!/\/logs|\/activity|the stream/.test(where)) return [];
      const entries = text.match(/"(?:at|timestamp|first_at)":(?:"[^"]+"|\d+)/g) ?? [];
      const before = entries.filter((entry) => {
        const value = entry.slice(entry.indexOf(":") + 1);
        return (value.startsWith('"') ? Date.parse(value.slice(1, -1)) : Number(value)) < handedOverAt;
      });
      return before.length > 0 ? [`${before.length} of before in ${where}: ${text.slice(0, 400)}`] : [];
    }

    it("shows nothing of the former organization to the people of the next one", async () => {
      expect(words.words.size).toBeGreaterThan(60);
      for (const bearer of bearers) {
        const places = await everyAnswer(stack, values(), bearer);
        places.push({ where: "the stream", text: await wholeStream(stack, bearer) });
        expect(places.filter(({ where }) => where.includes("(200)")).length).toBeGreaterThan(25);
        expect(places.flatMap(({ where, text }) => leaksOf(text).map((leak) => `${leak} in ${where}`))).toEqual([]);
        expect(places.flatMap(earlier)).toEqual([]);
      }
    });

    it("tells nothing of it to the orchestrator of the next one", async () => {
      const own = agentToken ? await everyAnswer(stack, values(), agentToken) : [];
      expect(own.flatMap(({ where, text }) => leaksOf(text).map((leak) => `${leak} in ${where}`))).toEqual([]);
      const told = client.frames.filter(({ dir }) => dir === "in").map(({ frame }) => JSON.stringify(frame));
      expect(told.length).toBeGreaterThan(2);
      expect(told.flatMap(leaksOf)).toEqual([]);
    });
  },
);
