import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { textsOfRepository, wrongCitations } from "../../scripts/lib/citations.ts";
import { projectPath } from "../../scripts/lib/project.ts";

const SIGN = "\u00a7";

describe("comments, messages and documents", () => {
  it("cite only what is in the repository", () => {
    const texts = textsOfRepository();
    expect(texts.length).toBeGreaterThan(500);
    expect(texts.flatMap((path) => wrongCitations(path, readFileSync(projectPath(path), "utf8")))).toEqual([]);
  });

  it.each([
    [`// see DE${"SIGN"} ${SIGN}3`, "worker/a.ts"],
    [`// see ${SIGN} 3`, "worker/a.ts"],
    [`const text = "as is${"sue"} 2 demands";`, "worker/a.ts"],
    [`// docs/design.${"md"}#no-such-heading`, "worker/a.ts"],
    [`[there](design.${"md"}#no-such-heading)`, "docs/a.md"],
    ["[there](nowhere.md)", "docs/a.md"],
  ])("are refused with %s", (text, path) => {
    expect(wrongCitations(path, `fine\n${text}\n`)).toEqual([expect.stringMatching(/^[a-z/]+\.(ts|md):2: /)]);
  });

  it.each([
    ["// The reason is in docs/design.md#layers.", "worker/a.ts"],
    ["[cloudflare/workerd#6866](https://github.com/cloudflare/workerd/issues/6866)", "docs/a.md"],
    ["[layers](design.md#layers)", "docs/a.md"],
  ])("may say %s", (text, path) => {
    expect(wrongCitations(path, text)).toEqual([]);
  });
});
