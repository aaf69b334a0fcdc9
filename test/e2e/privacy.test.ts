import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sleep } from "../support/eventually.ts";
import { everything, findLeaks } from "../support/leaks.ts";
import { beat, handshake, openSession, RawClient } from "../support/raw-client.ts";
import { type Stack, startStack } from "../support/stack.ts";

const ID = "org-private";
const INDEPENDENCE = `/api/v1/internal/orchestrators/${ID}/independence`;
const VALUES = {
  orchestrator_id: ID,
  organization_id: ID,
  message_id: "msg_0192f0c1-7c1e-7000-8000-000000000000",
  revision: "1",
  ids: ID,
};

/** What an orchestrator can say of itself, each in words of its own. */
function canaries(kind: string) {
  const word = (name: string) => `${kind}-canary-${name}`;
  return {
    handshakeName: word("handshake-name"),
    handshakeLocation: word("handshake-location"),
    handshakeHost: word("handshake-host"),
    handshakeFeature: word("handshake-feature"),
    metadata: word("metadata"),
    metrics: word("metrics"),
    feature: word("feature"),
    recommendation: word("recommendation"),
    monitoring: word("monitoring"),
    messageMetadata: word("message-metadata"),
    snapshot: word("snapshot"),
    model: word("model"),
    report: word("report"),
    restMetrics: word("rest-metrics"),
    restFeature: word("rest-feature"),
    unknown: word("unknown"),
  };
}

type Canaries = ReturnType<typeof canaries>;

describe("privacy mode", () => {
  let stack: Stack;
  let client: RawClient;

  beforeAll(async () => {
    stack = await startStack({ vars: { LOG_LEVEL: "debug" }, inspectObjects: true });
  });

  afterAll(async () => {
    client?.kill();
    await stack?.stop();
  });

  /** A whole session that says everything there is to say, and REST heartbeats beside it. */
  async function talk(words: Canaries): Promise<void> {
    client = await RawClient.open(`${stack.controller.wsUrl}/ws`);
    client.send(
      handshake(ID, {
        name: words.handshakeName,
        location: words.handshakeLocation,
        hostname: words.handshakeHost,
        features: { [words.handshakeFeature]: true },
      }),
    );
    await client.next("provision_config");
    client.send({ ...beat(), metrics: { cpu: words.metrics }, features: { [words.feature]: true } });
    client.send({ type: "update_metadata", metadata: { build: words.metadata } });
    const message = (content: string) => ({ content, metadata: { note: words.messageMetadata } });
    client.send({ type: "recommendation", data: { id: words.recommendation, ...message(words.recommendation) } });
    client.send({ type: "monitoring_report", data: { id: words.monitoring, ...message(words.monitoring) } });
    const now = new Date().toISOString();
    const item = {
      model: words.model,
      provider: words.model,
      requests: 1,
      input_tokens: 1,
      output_tokens: 1,
      cost_usd: 1,
    };
    client.send({
      type: "usage_report",
      data: { report_id: words.report, window_start: now, window_end: now, items: [item] },
    });
    client.send({ type: "o_config_snapshot", data: { key: words.snapshot } });
    client.send({ type: words.unknown });
    client.send({ type: "request_status" });
    await client.next("status");
    const { status } = await stack.controller.call("POST", "/api/v1/internal/orchestrators/heartbeat", {
      orchestrator_id: ID,
      metrics: { cpu: words.restMetrics },
      features: { [words.restFeature]: true },
    });
    expect(status).toBe(200);
    client.send(beat());
    await client.next("keepalive_ack");
  }

  async function leaks(words: Canaries): Promise<string[]> {
    return findLeaks(await everything(stack, VALUES, [ID]), Object.values(words));
  }

  async function setPrivacy(is_independent: boolean, privacy_mode: boolean): Promise<void> {
    const { status, text } = await stack.controller.call("PUT", INDEPENDENCE, { is_independent, privacy_mode });
    expect(status, text).toBe(200);
  }

  it("without it, what an orchestrator says is stored: the search finds it", async () => {
    const words = canaries("open");
    await talk(words);
    await eventually(async () => {
      const text = (await leaks(words)).join("\n");
      const { unknown: _, handshakeHost: __, metrics: ___, ...stored } = words;
      for (const word of Object.values(stored)) expect(text).toContain(word);
    });
    client.kill();
  });

  it("with it, nothing of a session is stored or shown anywhere", async () => {
    await setPrivacy(true, true);
    const words = canaries("private");
    await talk(words);
    // Two flushes and two reports, so that whatever was kept aside would have been written.
    await sleep(2_500);
    expect(await leaks(words)).toEqual([]);
  });

  it("answers as always, and refuses messages", async () => {
    expect(client.received("keepalive_ack").at(-1)).toMatchObject({ independent: true });
    expect(client.received("usage_ack")).toMatchObject([{ stored: false }]);
    const refused = client.received("error").filter(({ data }) => (data as { code: string }).code === "independent");
    expect(refused.map(({ data }) => (data as { ref: string }).ref)).toEqual(["recommendation", "monitoring_report"]);
    expect(client.received("o_config_snapshot_ack")).toHaveLength(1);
  });

  it("neither a closed session nor an object that starts again leaves anything", async () => {
    const words = canaries("private");
    client.kill();
    await eventually(async () => {
      const { body } = await stack.controller.call("GET", "/api/v1/controller/orchestrators/live");
      expect(body.data).toMatchObject({ total_count: 0 });
    });
    expect(await leaks(words)).toEqual([]);
    await stack.controller.evict("Orchestrator", ID, "close");
    await stack.controller.evict("Fleet", "0/1");
    client = await openSession(`${stack.controller.wsUrl}/ws`, ID, { name: words.handshakeName });
    await sleep(1_500);
    expect(await leaks(words)).toEqual([]);
  });

  it("when it ends, only what is said from then on is stored", async () => {
    const words = canaries("private");
    await setPrivacy(false, false);
    client.kill();
    const later = canaries("later");
    await talk(later);
    await eventually(async () => expect((await leaks(later)).length).toBeGreaterThan(0));
    expect(await leaks(words)).toEqual([]);
  });
});
