import { readFile, writeFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { parseArgs } from "node:util";
import type { OpenAPI3 } from "openapi-typescript";
import { app } from "../worker/app.ts";
import { openApiDocument } from "../worker/routes/openapi.ts";
import { fail, projectPath, runMain } from "./lib/project.ts";

const FILE = projectPath("dashboard/src/lib/api-schema.d.ts");
const BANNER = "// Written by `npm run api:types` from the Worker's OpenAPI document. Do not edit.\n\n";

// openapi-typescript prints through the compiler's JavaScript API, which TypeScript 7 no longer has. A second package
// `typescript` would take `tsc` from the first, so it is given the copy inside @ts-morph/common, which has no command.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === "typescript" ? "@ts-morph/common/dist/typescript.js" : specifier, context),
});

/** `--check` writes nothing and fails when the file is not what the Worker's routes say today. */
await runMain(async () => {
  const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
  const { astToString, default: openapiTS } = await import("openapi-typescript");
  const document = openApiDocument(app) as unknown as OpenAPI3;
  const text = BANNER + astToString(await openapiTS(document, { silent: true }));
  const isCurrent = (await readFile(FILE, "utf8").catch(() => "")) === text;
  if (isCurrent) return console.log("dashboard/src/lib/api-schema.d.ts is up to date.");
  if (values.check) fail("dashboard/src/lib/api-schema.d.ts is out of date: run `npm run api:types` and commit it.");
  await writeFile(FILE, text);
  console.log("Wrote dashboard/src/lib/api-schema.d.ts.");
});
