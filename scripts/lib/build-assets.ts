import { existsSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build as viteBuild } from "vite";
import solid from "vite-plugin-solid";
import { securityHeaders } from "../../worker/middleware/security-headers.ts";
import { assetsDir, projectPath } from "./project.ts";

/** swagger-ui as a file of its own: the page may not carry inline script. */
const DOCS_INIT = `const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", applyTheme);
applyTheme();

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  // With a session cookie every write needs it.
  requestInterceptor: (request) => {
    request.headers["X-Requested-With"] = "moolai";
    return request;
  },
});
`;

/** Builds everything that the Worker serves as static assets into {@link assetsDir}. */
export async function build(logLevel: "info" | "silent"): Promise<void> {
  const outDir = assetsDir();
  const nodeEnv = process.env.NODE_ENV;
  // vite inherits it from the shell that starts this, and would build a slower dashboard that shows debugging messages.
  process.env.NODE_ENV = "production";
  await viteBuild({
    mode: "production",
    root: projectPath("dashboard"),
    configFile: false,
    logLevel: logLevel === "silent" ? "warn" : logLevel,
    plugins: [solid()],
    build: {
      outDir,
      emptyOutDir: true,
      // Small files inlined as data: URLs would need a wider content security policy.
      assetsInlineLimit: 0,
      // Every browser that knows light-dark() preloads modules by itself.
      modulePreload: { polyfill: false },
      target: "es2024",
      reportCompressedSize: false,
      // How long each plugin took is nothing for somebody who starts the controller.
      rolldownOptions: { checks: { bundlerTimings: false } },
    },
  });
  if (nodeEnv === undefined) delete process.env.NODE_ENV;
  else process.env.NODE_ENV = nodeEnv;
  await copyDocsUi(join(outDir, "docs-ui"));
  // The dashboard's own has a hash in its name. Browsers ask for /favicon.ico where a page names no icon.
  await cp(projectPath("dashboard/icon.svg"), join(outDir, "icon.svg"));
  await writeFile(join(outDir, "_redirects"), "/favicon.ico /icon.svg 301\n");
  await writeFile(join(outDir, "_headers"), assetHeaders());
}

/** For a first start: nothing is built when there is something to serve, however old. */
export async function buildIfMissing(logLevel: "info" | "silent"): Promise<void> {
  // The last file that a build writes.
  if (!existsSync(join(assetsDir(), "_headers"))) await build(logLevel);
}

/** For what the asset server answers without the Worker: the same headers that the Worker sets. */
function assetHeaders(): string {
  const lines = Object.entries(securityHeaders("text/html")).map(([name, value]) => `  ${name}: ${value}`);
  // Their names change with their content.
  const hashed = ["/assets/*", "  Cache-Control: public, max-age=31536000, immutable"];
  return ["/*", ...lines, ...hashed, ""].join("\n");
}

async function copyDocsUi(folder: string): Promise<void> {
  const source = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  await mkdir(folder, { recursive: true });
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE"]) {
    await cp(join(source, file), join(folder, file));
  }
  await writeFile(join(folder, "init.js"), DOCS_INIT);
}
