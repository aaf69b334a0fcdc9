import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OUTBOUND_TYPES } from "../../scripts/lib/frame-reference.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import { reference } from "../../scripts/lib/reference.ts";
import { isInboundType } from "../../worker/contract/frames.ts";

const sources = ["outbound.ts", "dispatch.ts", "message-handlers.ts"];

describe("docs/reference.md", () => {
  it("says what the sources say: npm run docs:reference", () => {
    expect(readFileSync(projectPath("docs/reference.md"), "utf8")).toBe(reference());
  });

  it("knows every frame that is sent to an orchestrator", () => {
    const texts = sources.map((name) => readFileSync(projectPath("worker/orchestrator", name), "utf8"));
    const [built = "", ...others] = texts;
    const named = [...built.matchAll(/type(?: = [^;]*|: )"(\w+)"/g)].map(([, type = ""]) => type);
    const acks = others.flatMap((text) => [...text.matchAll(/type: "(\w+_ack)"/g)].map(([, type = ""]) => type));
    const sent = [...named, ...acks.filter((type) => !isInboundType(type))];
    expect(sent.length).toBeGreaterThan(10);
    expect(OUTBOUND_TYPES).toEqual(expect.arrayContaining(sent));
  });
});
