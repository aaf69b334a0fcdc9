import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { projectPath } from "../../scripts/lib/project.ts";

const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(projectPath(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

const DOCUMENTS = [
  ...["README.md", "SECURITY.md", "CHANGELOG.md"].map((name) => projectPath(name)),
  ...filesIn("docs", /\.md$/),
];
const SOURCES = ["scripts", "worker", "dashboard/src"].flatMap((folder) => filesIn(folder, /\.(ts|tsx|mjs)$/));
const read = (file: string) => readFileSync(file, "utf8");
const place = (file: string) => relative(projectPath(), file);

describe("the documents", () => {
  it("name only commands that there are, like the texts of the commands and of the dashboard", () => {
    const { scripts } = JSON.parse(read(projectPath("package.json")));
    const named = [...DOCUMENTS, ...SOURCES]
      // What was is told there as well.
      .filter((file) => place(file) !== "CHANGELOG.md")
      .flatMap((file) =>
        [...read(file).matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name = ""]) => ({
          file: place(file),
          name,
        })),
      );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
  });

  it("put no credential into a command", () => {
    const commands = DOCUMENTS.flatMap((file) =>
      [...read(file).matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block = ""]) =>
        block
          .replaceAll("\\\n", " ")
          .split("\n")
          .map((line) => ({ file: place(file), line: line.trim() })),
      ),
    );
    expect(commands.length).toBeGreaterThan(50);
    // The token of development is known to everybody.
    const telling = /(Bearer|"password"|PASSWORD '|_KEY=|TOKEN=)\s*:?\s*["']?(\$\{?[A-Z]|[A-Z_]{4,}|…|[\w-]{12,})/;
    const isHarmless = /fake-dev-token|printf |^[A-Z_]+=\$\(/;
    expect(commands.filter(({ line }) => telling.test(line) && !isHarmless.test(line))).toEqual([]);
  });
});

const limiters = z.array(z.looseObject({ namespace_id: z.string() })).min(3);

describe("wrangler.toml", () => {
  it("gives the staging copy all that production has, and none of its addresses", async () => {
    const { unstable_readConfig } = await import("wrangler");
    const config = projectPath("wrangler.toml");
    const production = unstable_readConfig({ config });
    const staging = unstable_readConfig({ config, env: "staging" });
    // Its address and its provider are its own.
    const isShared = (name: string) => name !== "PUBLIC_URL" && !name.startsWith("OIDC_");
    const handed = (config: typeof staging) => {
      const { compatibility_date, minify, define, assets, durable_objects, exports, triggers, observability } = config;
      const vars = Object.fromEntries(Object.entries(config.vars ?? {}).filter(([name]) => isShared(name)));
      return { compatibility_date, minify, define, assets, durable_objects, exports, vars, triggers, observability };
    };
    expect(handed(staging)).toEqual(handed(production));
    const [copies, originals] = [limiters.parse(staging.ratelimits), limiters.parse(production.ratelimits)];
    const withoutSpace = (list: typeof copies) => list.map(({ namespace_id: _space, ...limit }) => limit);
    expect(withoutSpace(copies)).toEqual(withoutSpace(originals));
    const spaces = [...copies, ...originals].map(({ namespace_id }) => namespace_id);
    expect(new Set(spaces).size).toBe(spaces.length);
    expect(staging.name).toBe("moolai-controller-staging");
    // Without `routes` of its own, even empty ones, it would take those of production.
    const addresses = ({ routes }: typeof staging) =>
      z
        .array(z.unknown())
        .parse(routes ?? [])
        .map((route) => JSON.stringify(route));
    expect(staging.routes).toBeDefined();
    expect(addresses(staging).filter((address) => addresses(production).includes(address))).toEqual([]);
  });
});
