import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { projectPath } from "../../scripts/lib/project.ts";
import { eventually } from "../support/eventually.ts";
import { type Stack, startStack } from "../support/stack.ts";

const REST = "/api/v1/internal/orchestrators";

/** The example orchestrator as somebody at a terminal runs it. */
class Example {
  readonly lines: string[] = [];
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(args: string[], env: Record<string, string> = {}, input = "") {
    this.#child = spawn(process.execPath, [projectPath("scripts/connect.ts"), ...args], {
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream) createInterface({ input: stream }).on("line", (line) => this.lines.push(line));
    this.#child.stdin?.end(input);
    this.exit = once(this.#child, "close").then(([code]) => code as number | null);
  }

  async says(text: string): Promise<void> {
    await eventually(() => {
      if (!this.lines.some((line) => line.includes(text)))
        throw new Error(`no line "${text}" in:\n${this.lines.join("\n")}`);
    });
  }

  stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    this.#child.kill(signal);
    return this.exit;
  }
}

describe("npm run connect", () => {
  let stack: Stack;
  const examples: Example[] = [];

  beforeAll(async () => {
    stack = await startStack();
  });
  afterEach(async () => {
    for (const example of examples.splice(0)) await example.stop("SIGKILL");
  });
  afterAll(() => stack?.stop());

  const connect = (args: string[], env: Record<string, string> = {}, input?: string) => {
    const example = new Example([...args, "--url", `${stack.controller.wsUrl}/ws`], env, input);
    examples.push(example);
    return example;
  };
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await stack.controller.call(method, path, body);
    expect(answer.text && answer.status).toBe(200);
    return answer.body;
  };
  const live = async (id: string) =>
    (await call("GET", "/api/v1/controller/orchestrators/live")).data?.orchestrators?.[id];
  const state = async (id: string) => (await call("GET", `/api/v1/controller/orchestrators/${id}`)).data;

  it("turns the badge green, applies what is published, takes messages, can be set free, and says goodbye", async () => {
    const id = "connect-001";
    const example = connect([id, "--name", "Acme Berlin"]);
    await example.says("Heartbeat 1 acknowledged.");
    await eventually(async () => expect(await live(id)).toMatchObject({ connected: true, silent: false }));
    expect(await state(id)).toMatchObject({ status: "active", connected: true, name: "Acme Berlin" });

    await call("PUT", `/api/v1/controller/organizations/${id}/config`, { features: { cache: { enabled: true } } });
    await example.says("Applied configuration 1 (features: cache), and confirmed it.");
    await eventually(async () => expect(await state(id)).toMatchObject({ config_state: "applied" }));

    const message = { message_type: "recommendation", content: "Cache\u001b[2J more" };
    await call("POST", `${REST}/${id}/messages`, message);
    await example.says("(recommendation): Cache\\x1b[2J more");
    await eventually(async () => {
      const [sent] = await stack.database.query(
        "SELECT delivered_at FROM orchestrator_messages WHERE orchestrator_id = $1",
        [id],
      );
      expect(sent?.delivered_at).not.toBeNull();
    });

    await call("PUT", `${REST}/${id}/independence`, { is_independent: true });
    await example.says("Set free. Confirmed it.");
    await call("PUT", `${REST}/${id}/independence`, { is_independent: false });
    await example.says("Under control. Confirmed it.");

    expect(await example.stop()).toBe(0);
    expect(example.lines.at(-1)).toContain("Said goodbye.");
    await eventually(async () => expect(await state(id)).toMatchObject({ status: "inactive", connected: false }));
    expect(await stack.activityTypes(id)).toContain("disconnect");
  });

  it("comes back when its connection is lost", async () => {
    const id = "connect-002";
    const example = connect([id]);
    await example.says("Heartbeat 1 acknowledged.");
    await stack.controller.evict("Orchestrator", id, "close");
    await example.says("Trying again in");
    await eventually(async () => expect(await live(id)).toMatchObject({ connected: true, silent: false }));
    expect(await example.stop("SIGTERM")).toBe(0);
  });

  it("proves who it is with a token that is on no command line, and ends with a sentence when that is not valid", async () => {
    const id = "connect-003";
    const { agent_token: token } = await call("POST", `${REST}/register`, { orchestrator_id: id });
    const example = connect([id], { AGENT_TOKEN: String(token) });
    await example.says("Heartbeat 1 acknowledged.");
    expect(await example.stop()).toBe(0);
    const piped = connect([id, "--token"], {}, `${String(token)}\n`);
    await piped.says("Heartbeat 1 acknowledged.");
    expect(await piped.stop()).toBe(0);

    const wrong = `${String(token).slice(0, -4)}AAAA`;
    const refused = connect([id], { AGENT_TOKEN: wrong });
    expect(await refused.exit).toBe(1);
    expect(refused.lines.at(-1)).toMatch(/^The controller answered 401: The token is not valid\./);
    expect(refused.lines.join("\n")).not.toContain(wrong);
    const typed = connect([id, "--token", wrong]);
    expect(await typed.exit).toBe(1);
    expect(typed.lines).toEqual([expect.stringMatching(/^A token does not belong on a command line/)]);
  });

  it("stops when it is deregistered, and does not come back", async () => {
    const id = "connect-004";
    const example = connect([id]);
    await example.says("Heartbeat 1 acknowledged.");
    await call("DELETE", `${REST}/${id}/deregister`);
    expect(await example.exit).toBe(1);
    expect(example.lines.at(-1)).toContain("this orchestrator was deregistered. Have it registered again first.");
  });
});
