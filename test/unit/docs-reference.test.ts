import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decorationReference } from "../../scripts/lib/decoration-reference.ts";
import { OUTBOUND_TYPES } from "../../scripts/lib/frame-reference.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import { reference } from "../../scripts/lib/reference.ts";
import { typeText } from "../../scripts/lib/schema-text.ts";
import { isInboundType } from "../../worker/contract/frames.ts";

const read = (...path: string[]) => readFileSync(projectPath(...path), "utf8");
const sources = ["outbound.ts", "frames.ts", "messages.ts", "usage.ts"];

describe("docs/reference.md", () => {
  it("says what the sources say: npm run docs:reference", () => {
    expect(read("docs/reference.md")).toBe(reference());
  });

  it("knows every frame that is sent to an orchestrator", () => {
    const texts = sources.map((name) => read("worker/orchestrator", name));
    const [built = "", ...others] = texts;
    const named = [...built.matchAll(/type(?: = [^;]*|: )"(\w+)"/g)].map(([, type = ""]) => type);
    const acks = others.flatMap((text) => [...text.matchAll(/type: "(\w+_ack)"/g)].map(([, type = ""]) => type));
    const sent = [...named, ...acks.filter((type) => !isInboundType(type))];
    expect(sent.length).toBeGreaterThan(10);
    expect(OUTBOUND_TYPES).toEqual(expect.arrayContaining(sent));
  });
});

describe("docs/core-and-decoration.md", () => {
  it("says what the schemas say: npm run docs:reference", () => {
    expect(read("docs/core-and-decoration.md")).toBe(decorationReference());
  });
});

describe("the notation of types", () => {
  it.each([
    [{ type: ["string", "null"], format: "date-time" }, "ISO 8601 time \\| null"],
    [{ type: "array", items: { enum: ["a", "b"] } }, '("a" \\| "b")[]'],
    [{ type: "array", items: { type: "object", properties: { a: { enum: ["x", "y"] } } } }, '{ a?: "x" \\| "y" }[]'],
  ])("%j", (schema, text) => {
    expect(typeText(schema)).toBe(text);
  });
});

describe("docs/settings.md", () => {
  it("names every setting of the Worker and of .dev.vars.example", () => {
    const inWorker = [...read("worker/env.d.ts").matchAll(/^ +([A-Z_]+)\?: string;/gm)];
    const inExample = [...read(".dev.vars.example").matchAll(/^(?:# )?([A-Z_]+)=/gm)];
    const text = read("docs/settings.md");
    const names = new Set([...inWorker, ...inExample].map(([, name = ""]) => name));
    expect(names.size).toBeGreaterThan(10);
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });
});

describe("the guides", () => {
  it.each(["README.md", "docs/deploy.md", "docs/development.md", "docs/from-python-controller.md", "docs/settings.md"])(
    "%s names only commands of package.json",
    (file) => {
      const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
      const named = [...read(file).matchAll(/npm run ([a-z:]+)/g)].map(([, name = ""]) => name);
      for (const name of named) expect(scripts).toHaveProperty([name]);
    },
  );
});
