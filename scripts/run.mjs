// Starts a script or a tool on a Node that wrangler and vitest accept, whatever Node is on the PATH.
// Plain JavaScript without dependencies: this and `lib/usage.mjs` must work before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { USAGE } from "./lib/usage.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");
const marker = join(modules, ".installed-lock-hash");
const isWindows = process.platform === "win32";

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 12);
}

/** Whether what is on disk is what the lock file asks for, as after a plain `npm install`. */
function matchesLock() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const present = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      const found = present[path];
      return path === "" || (found ? found.version === entry.version : entry.optional || entry.devOptional);
    });
  } catch {
    return false;
  }
}

function install() {
  const hash = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === hash) return;
  if (!matchesLock()) {
    process.stderr.write("Installing the packages of package-lock.json (npm ci)…\n");
    // npm must not run on the Node inside node_modules, which it is about to delete.
    const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.startsWith(modules));
    const npm = spawnSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", 2, 2],
      shell: isWindows,
      env: { ...process.env, PATH: path.join(delimiter) },
    });
    if (npm.error) fail(`npm could not be started: ${npm.error.message}. Install Node.js with npm, then try again.`);
    if (npm.status !== 0) fail("npm ci failed; the lines above say why. Without a network, fill the npm cache first.");
  }
  writeFileSync(marker, hash);
}

function findNode() {
  const machine = `${isWindows ? "win" : process.platform}-${process.arch}`;
  // npm has the build for Apple silicon under another name.
  const bundled = [`node-${machine}`, `node-bin-${machine}`]
    .map((name) => join(modules, name, "bin", isWindows ? "node.exe" : "node"))
    .find(existsSync);
  if (bundled) {
    if (realpathSync(process.execPath) === realpathSync(bundled)) return bundled;
    // A C library the binary was not built for shows only when it is run.
    if (spawnSync(bundled, ["--version"]).status === 0) return bundled;
  }
  if (isNewEnough(process.version)) return process.execPath;
  return fail(
    `This project needs Node.js 22.12 or newer; this is ${process.version}, and npm has none for ${machine} that runs here. Install Node.js 24 and try again.`,
  );
}

/**
 * @param {string} node
 * @param {string} target
 * @returns {[string, string[]]}
 */
function commandFor(node, target) {
  if ([".ts", ".mjs", ".js"].includes(extname(target))) return [node, [resolve(root, target)]];
  const file = join(bin, isWindows ? `${target}.cmd` : target);
  if (!existsSync(file)) fail(`There is no command "${target}" in node_modules/.bin.`);
  if (isWindows) return [file, []];
  const real = realpathSync(file);
  const isScript = /^#!.*\bnode\b/.test(readFileSync(real, "latin1").slice(0, 128));
  return isScript ? [node, [real]] : [real, []];
}

/** The parent, or npm above it: the shell that npm runs scripts in outlives npm. */
function findCaller() {
  const { stdout = "" } = spawnSync("ps", ["-o", "ppid=,comm=", "-p", String(process.ppid)], { encoding: "utf8" });
  const [, parent, name = ""] = /^\s*(\d+)\s+(.*)$/m.exec(stdout ?? "") ?? [];
  return parent && /(^|\/)-?(da|ba)?sh$/.test(name.trim()) ? Number(parent) : process.ppid;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

const [target, ...args] = process.argv.slice(2);
if (!target) fail("Usage: node scripts/run.mjs <script.ts | command> [arguments]");
const usage = USAGE[target];
if (usage && args.some((argument) => ["--help", "-h"].includes(argument))) {
  process.stdout.write(`${usage}\n`);
  process.exit();
}
install();
const node = findNode();
const [command, before] = commandFor(node, target);
const child = spawn(command, [...before, ...args], {
  stdio: "inherit",
  shell: isWindows && command.endsWith(".cmd"),
  env: { ...process.env, PATH: [dirname(node), bin, process.env.PATH ?? ""].join(delimiter) },
});

/** @param {NodeJS.Signals} signal */
function forward(signal) {
  // Ctrl-C in a terminal reaches the child by itself; a second one would cut its clean stop short.
  if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
}
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, () => forward(signal));

// A caller that was killed cannot stop what it started, which would keep its ports.
if ((process.env.npm_lifecycle_event || process.env.STOP_WITH_PARENT) && !isWindows) {
  const caller = findCaller();
  setInterval(() => isAlive(caller) || child.kill("SIGTERM"), 1000).unref();
}

child.on("error", (error) => fail(`${target} could not be started: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
