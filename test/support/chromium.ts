import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { projectPath } from "../../scripts/lib/project.ts";

const INSTALLED = "/usr/bin/chromium";
const ARGS = [
  "--no-sandbox",
  "--headless=new",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The package's own looks for its font under /tmp, and without any font the browser aborts at the first text. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

interface Binary {
  path: string;
  env: Record<string, string>;
}

/** `CHROMIUM_PATH`, the Chromium of the machine, or the one that comes with npm. */
export async function launchChromium(): Promise<Browser> {
  const { path, env } = await findChromium();
  return await chromium.launch({ executablePath: path, args: ARGS, env: { ...definedEnv(), ...env } });
}

let running: Promise<Browser> | undefined;

/** One browser for all test files that run in this process; it ends with the process. */
export async function sharedChromium(): Promise<Browser> {
  running ??= launchChromium().catch((error: unknown) => {
    // The next test file of this process tries again.
    running = undefined;
    throw error;
  });
  const browser = await running;
  if (browser.isConnected()) return browser;
  running = undefined;
  return sharedChromium();
}

async function findChromium(): Promise<Binary> {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return { path: chosen, env: {} };
  return existsSync(INSTALLED) ? { path: INSTALLED, env: {} } : await packagedChromium();
}

/** The binary of the npm package, with the libraries that a bare machine lacks and a font. */
async function packagedChromium(): Promise<Binary> {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")));
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string };
  const target = projectPath(".data", `chromium-${version}`);
  if (!existsSync(target)) {
    // Test files may do this at the same time: each unpacks aside, the first rename wins.
    const aside = `${target}.${process.pid}`;
    await unpack(join(folder, "bin"), aside);
    await rename(aside, target).catch(() => rm(aside, { recursive: true, force: true }));
  }
  return {
    path: join(target, "chromium"),
    env: { LD_LIBRARY_PATH: join(target, "al2023", "lib"), FONTCONFIG_PATH: join(target, "fonts") },
  };
}

/** In a process of its own: the package unpacks into the temporary folder, whatever version lies there already. */
async function unpack(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const archives = ["chromium.br", "fonts.tar.br", "al2023.tar.br"].map((name) => join(source, name));
  const program = `import { inflate } from "@sparticuz/chromium";
    for (const archive of ${JSON.stringify(archives)}) await inflate(archive);`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: projectPath(),
    env: { ...process.env, TMPDIR: target },
  });
  await writeFile(join(target, "fonts", "fonts.conf"), FONTS);
}

function definedEnv(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}
