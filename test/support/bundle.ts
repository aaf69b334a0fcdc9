import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fingerprintOf, removeOutdated } from "./fingerprint.ts";

const root = join(import.meta.dirname, "..", "..");
const bundles = join(root, ".data", "test-bundles");
const require = createRequire(import.meta.url);
/** Everything that decides what a bundle holds: the two folders of the Worker's modules, and this file. */
const BUNDLE_SOURCES = ["worker", "common", "wrangler.toml", "package-lock.json", "test/support/bundle.ts"];
const OPTIONS_FILE = "worker-options.json";

export interface Bundle {
  /** Holds `wrangler.toml`, `worker/index.js` and `assets/`. No `.dev.vars` is near it, so none is read. */
  dir: string;
  scriptPath: string;
  assetsDir: string;
  /** What wrangler makes of `wrangler.toml`, for Miniflare. Read from a file, because importing wrangler takes a second. */
  workerOptions: WorkerOptions;
}

export interface WorkerOptions {
  compatibilityDate: string;
  compatibilityFlags: string[];
  bindings: Record<string, string>;
  durableObjects: object;
  assets: object;
}

export type Mode = "development" | "production";

const built = new Map<Mode, Promise<Bundle>>();

/** The Worker as `wrangler deploy` bundles it; built once for each state of its sources. */
export function bundleOf(mode: Mode): Promise<Bundle> {
  const bundle = built.get(mode) ?? build(mode);
  built.set(mode, bundle);
  return bundle;
}

async function build(mode: Mode): Promise<Bundle> {
  const sources = await fingerprintOf(BUNDLE_SOURCES);
  const dir = join(bundles, `${sources}-${mode}`);
  if (!(await exists(dir))) {
    // Test files run in parallel: each builds aside, the first rename wins.
    const aside = `${dir}.${process.pid}`;
    await mkdir(join(aside, "assets"), { recursive: true });
    await writeFile(join(aside, "assets", "index.html"), "<!doctype html><title>Moolai Controller</title>\n");
    await cp(join(root, "wrangler.toml"), join(aside, "wrangler.toml"));
    await bundleInto(aside, mode).catch(async (error: unknown) => {
      await rm(aside, { recursive: true, force: true });
      throw error;
    });
    await rename(aside, dir).catch(async (error: unknown) => {
      await rm(aside, { recursive: true, force: true });
      if (!(await exists(dir))) throw error;
    });
    // However old a bundle of these sources is, another test file may be running on it.
    await removeOutdated(bundles, (name) => !name.startsWith(sources));
  }
  return bundleIn(dir);
}

/** The Worker as `wrangler deploy` bundles it for somebody who has this NODE_ENV, or none. */
export async function bundleUnder(nodeEnv: string | undefined, dir: string): Promise<Bundle> {
  await mkdir(join(dir, "assets"), { recursive: true });
  await cp(join(root, "wrangler.toml"), join(dir, "wrangler.toml"));
  await bundleInto(dir, "production", { NODE_ENV: nodeEnv });
  return bundleIn(dir);
}

async function bundleIn(dir: string): Promise<Bundle> {
  return {
    dir,
    workerOptions: JSON.parse(await readFile(join(dir, OPTIONS_FILE), "utf8")),
    scriptPath: join(dir, "worker", "index.js"),
    assetsDir: join(dir, "assets"),
  };
}

async function bundleInto(dir: string, mode: Mode, variables: NodeJS.ProcessEnv = {}): Promise<void> {
  const wrangler = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");
  const args = ["deploy", "--dry-run", "--outdir", join(dir, "worker"), "--assets", join(dir, "assets")];
  // Without the banner it does not ask the network for a newer version of itself.
  const quiet = { WRANGLER_HIDE_BANNER: "true", WRANGLER_SEND_METRICS: "false", WRANGLER_WRITE_LOGS: "false" };
  const env = { ...process.env, ...quiet, ...variables };
  if (mode === "development") args.push("--define", "DEVELOPMENT_BUILD:true");
  try {
    await promisify(execFile)(process.execPath, [wrangler, ...args], { cwd: root, env });
    const { unstable_getMiniflareWorkerOptions: optionsOf } = await import("wrangler");
    const { workerOptions } = optionsOf(join(dir, "wrangler.toml"));
    await writeFile(join(dir, OPTIONS_FILE), JSON.stringify(workerOptions));
  } catch (error) {
    const output = error as { stdout?: string; stderr?: string };
    throw new Error(`the Worker does not bundle:\n${output.stdout ?? ""}\n${output.stderr ?? String(error)}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
