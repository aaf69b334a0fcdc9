import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { app } from "../../worker/app.ts";

interface Operation {
  operationId: string;
  responses: Record<string, unknown>;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}

const require = createRequire(import.meta.url);

describe("/openapi.json", () => {
  let document: Document;
  let folder: string;
  let file: string;

  beforeAll(async () => {
    const response = await app.request("/openapi.json", {}, { LOG_LEVEL: "error", DEV_BEARER_TOKEN: "t" });
    expect(response.status).toBe(200);
    document = await response.json();
    folder = await mkdtemp(join(tmpdir(), "openapi-"));
    file = join(folder, "openapi.json");
    await writeFile(file, JSON.stringify(document));
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true }));

  it("is OpenAPI 3.1 and tells of errors everywhere", () => {
    expect(document.openapi).toBe("3.1.0");
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(operations.length).toBeGreaterThan(20);
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
    for (const operation of operations) {
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["200", "401", "422", "500", "503"]));
    }
  });

  it("is clean under the recommended rules of Redocly", async () => {
    const output = await lint("@redocly/cli", "redocly", ["lint", "--extends=recommended", file]);
    expect(output).toContain("Your API description is valid");
    expect(output).not.toMatch(/warning/i);
  });

  it("is clean under the recommended rules of Spectral", async () => {
    const rules = join(folder, "spectral.yaml");
    await writeFile(rules, 'extends: ["spectral:oas"]\n');
    const output = await lint("@stoplight/spectral-cli", "spectral", [
      "lint",
      "--fail-severity=hint",
      "-r",
      rules,
      file,
    ]);
    expect(output).toContain("No results");
  });
});

/** Runs the command of a package on this Node and returns all it prints; fails when the command does. */
async function lint(name: string, command: string, args: string[]): Promise<string> {
  const manifest = require.resolve(`${name}/package.json`);
  const { bin }: { bin: Record<string, string> } = require(manifest);
  const script = join(dirname(manifest), bin[command] ?? "");
  // Warnings of Node, of colours that are wanted and not, are none of the linter's.
  const quiet = { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", NODE_NO_WARNINGS: "1" };
  const env = { ...process.env, ...quiet, NO_COLOR: "1" };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args], { env });
  return stdout + stderr;
}
