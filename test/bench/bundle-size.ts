import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "../../scripts/lib/build-assets.ts";

const MOST_CSS_KB = 12;
/** What a browser fetches for the first paint of a page: the entry, and these chunks with what they need. */
const FIRST_PAINTS: { page: string; chunks: string[]; mostKb: number }[] = [
  { page: "/login", chunks: [], mostKb: 40 },
  ...["overview", "organization", "messages", "activity", "logs", "audit", "costs", "users", "settings"].map(
    (page) => ({
      page: page === "overview" ? "/" : page === "organization" ? "/organizations/:id" : `/${page}`,
      chunks: ["signed-in", page],
      mostKb: 90,
    }),
  ),
  { page: "/organizations", chunks: ["signed-in", "organizations"], mostKb: 90 },
];

/** Sizes after gzip of a fresh build; ends with code 1 when one is over its budget. */
const folder = await mkdtemp(join(tmpdir(), "moolai-bundle-"));
try {
  process.env.ASSETS_DIR = folder;
  await build("silent");
  const names = await readdir(join(folder, "assets"));
  const sizes = new Map<string, number>();
  for (const name of names) {
    sizes.set(`assets/${name}`, gzipSync(await readFile(join(folder, "assets", name))).length);
  }
  const html = await readFile(join(folder, "index.html"), "utf8");
  const initial = [...html.matchAll(/"\/(assets\/[^"]+\.(?:js|css))"/g)].flatMap(([, name]) => name ?? []);
  const script = initial.find((name) => html.includes(`src="/${name}"`));
  if (!script) throw new Error("index.html names no script");
  const dependencies = readDependencies(await readFile(join(folder, script), "utf8"));

  const report = (what: string, files: Iterable<string>, mostKb: number | null) => {
    const kb = [...files].reduce((total, name) => total + (sizes.get(name) ?? 0), 0) / 1024;
    const isOver = mostKb !== null && kb > mostKb;
    if (isOver) process.exitCode = 1;
    const budget = mostKb === null ? "" : ` of ${mostKb}${isOver ? "  OVER" : ""}`;
    console.log(`  ${what.padEnd(26)}${kb.toFixed(1).padStart(6)} KB${budget}`);
  };
  console.log("dashboard, gzip, for the first paint");
  for (const { page, chunks, mostKb } of FIRST_PAINTS) {
    const files = new Set([...initial, ...chunks.flatMap((chunk) => dependencies(chunk))]);
    report(`${page} JS`, [...files].filter(isScript), mostKb);
    report(`${page} CSS`, [...files].filter(isStyle), MOST_CSS_KB);
  }
  report(
    "fonts",
    [...sizes.keys()].filter((name) => /\.(woff2?|ttf|otf)$/.test(name)),
    0,
  );
  console.log("all that can ever be loaded");
  report("JS", [...sizes.keys()].filter(isScript), null);
  report("CSS", [...sizes.keys()].filter(isStyle), null);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function isScript(name: string): boolean {
  return name.endsWith(".js");
}

function isStyle(name: string): boolean {
  return name.endsWith(".css");
}

/** The entry lists for every chunk that it loads later what that one needs: all files, and their places in the list. */
function readDependencies(entry: string): (chunk: string) => string[] {
  const list = /\[((?:"assets\/[^"]+",?)+)\]/.exec(entry)?.[1];
  if (!list) throw new Error("the entry has no list of dependencies");
  const files = JSON.parse(`[${list}]`) as string[];
  return (chunk) => {
    const places = new RegExp(
      `import\\([\`"']\\./${chunk}-[\\w-]{8}\\.js[\`"']\\).{0,200}?__vite__mapDeps\\(\\[([\\d,]+)\\]`,
    );
    const found = places.exec(entry)?.[1];
    if (!found) throw new Error(`the entry does not load a chunk ${chunk}`);
    return found.split(",").flatMap((place) => files[Number(place)] ?? []);
  };
}
