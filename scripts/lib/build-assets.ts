import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build as viteBuild } from "vite";
import { projectPath } from "./project.ts";

/** swagger-ui as a file of its own: the page may not carry inline script (DESIGN §8). */
const DOCS_INIT = `window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
});
`;

/** Builds everything that the Worker serves as static assets into `dist/assets`. */
export async function build(logLevel: "info" | "silent"): Promise<void> {
  const outDir = projectPath("dist/assets");
  const mode = process.env.NODE_ENV;
  await viteBuild({
    root: projectPath("dashboard"),
    configFile: false,
    logLevel: logLevel === "silent" ? "warn" : logLevel,
    // Small files inlined as data: URLs would need a wider content security policy.
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0 },
  });
  // vite leaves "production" behind, and whatever this process starts next would build the Worker for production.
  if (mode === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = mode;
  await copyDocsUi(join(outDir, "docs-ui"));
}

async function copyDocsUi(folder: string): Promise<void> {
  const source = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  await mkdir(folder, { recursive: true });
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE"]) {
    await cp(join(source, file), join(folder, file));
  }
  await writeFile(join(folder, "init.js"), DOCS_INIT);
}
