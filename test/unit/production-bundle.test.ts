import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { MODE_HEADER } from "../../worker/middleware/development.ts";

const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin", "wrangler.js");

/** The Worker as `wrangler deploy` bundles it. */
async function bundle(mode: "production" | "development"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  try {
    const args = [wrangler, "deploy", "--dry-run", "--outdir", folder, "--assets", folder];
    const env = { ...process.env, NODE_ENV: mode, WRANGLER_SEND_METRICS: "false", CI: "1" };
    await promisify(execFile)(process.execPath, args, { env });
    return await readFile(join(folder, "index.js"), "utf8");
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("the bundle", () => {
  it("holds the development branch in development only", async () => {
    const [production, development] = await Promise.all([bundle("production"), bundle("development")]);
    expect(development).toContain(MODE_HEADER);
    expect(production).not.toContain(MODE_HEADER);
    // Named once, where production looks for settings that must not be there.
    expect(production.split("DEV_ADMIN_PASSWORD")).toHaveLength(2);
    expect(production.split("DEV_BEARER_TOKEN")).toHaveLength(2);
  });
});
