import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { projectPath } from "./scripts/lib/project.ts";
import type { DatabaseKind } from "./test/support/database.ts";

/**
 * The end-to-end tests that also run on the embedded database of `npm start`: those of SQL functions, of what several
 * sessions do at once, of outages, and the demos. What the others test does not depend on the kind of database.
 */
const ON_EMBEDDED_DATABASE = [
  "audit",
  "concurrency",
  "costs",
  "database-outage",
  "demo-script",
  "fold-text",
  "full-demo",
  "neon-endpoint",
  "organization",
  "reconcile",
  "retention",
  "start",
  "usage",
  "users",
];

/** The end-to-end tests on one kind of database. Each file has a controller and a database of its own. */
function endToEnd(database: DatabaseKind): TestProjectInlineConfiguration {
  return {
    test: {
      name: `e2e-${database}`,
      include:
        database === "postgres"
          ? ["test/e2e/**/*.test.ts"]
          : ON_EMBEDDED_DATABASE.map((name) => `test/e2e/${name}.test.ts`),
      // `npm start` reads the password of the embedded database from `.dev.vars`; a PostgreSQL of the tests has another one.
      exclude: database === "postgres" ? ["test/e2e/start.test.ts"] : [],
      provide: { database },
      globalSetup: database === "postgres" ? ["test/support/setup-postgres.ts"] : [],
      // A process runs file after file: each makes what it needs anew, and the libraries are loaded once.
      isolate: false,
      // Only upper bounds, for a machine on which a database takes a minute to start.
      testTimeout: 120_000,
      hookTimeout: 300_000,
    },
  };
}

/** In Node, Solid resolves to its server build, in which nothing reacts. */
const SOLID_OF_BROWSERS = [
  { find: /^solid-js$/, replacement: projectPath("node_modules/solid-js/dist/solid.js") },
  { find: /^solid-js\/web$/, replacement: projectPath("node_modules/solid-js/web/dist/web.js") },
  { find: /^solid-js\/store$/, replacement: projectPath("node_modules/solid-js/store/dist/store.js") },
];

export default defineConfig({
  test: {
    retry: 0,
    // The log of the Worker in the tests is long: only that of a failed test is shown.
    silent: "passed-only",
    // Most of the time goes into waiting for clocks, not into the processor.
    maxWorkers: 4,
    projects: [
      {
        resolve: { alias: SOLID_OF_BROWSERS },
        define: { DEVELOPMENT_BUILD: "true" },
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          // Property tests and scrypt, on a machine that runs everything else beside them.
          testTimeout: 120_000,
          // So that the alias counts for what they import, too.
          server: { deps: { inline: [/solid-js/, /solid-query/] } },
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              // Tests of limits have a controller of their own (e2e).
              ratelimits: Object.fromEntries(
                ["CALL_RATE", "REFUSAL_RATE", "ADDRESS_RATE"].map((name, index) => [
                  name,
                  { namespace_id: String(index + 1), simple: { limit: 1_000_000, period: 60 } },
                ]),
              ),
              bindings: {
                DATABASE_URL: inject("databaseUrl"),
                DATABASE_ENDPOINT: inject("databaseEndpoint"),
                DEV_BEARER_TOKEN: "fake-dev-token",
                DEV_ADMIN_USERNAME: "superadmin",
                DEV_ADMIN_PASSWORD: "moolai-dev",
                DEV_ALLOWED_HOSTS: "controller.example,controller.test",
                // As deployed; the end-to-end tests run with 1, as in development.
                PRESENCE_REPORT_INTERVAL_SEC: "110",
              },
            },
          })),
        ],
        define: { DEVELOPMENT_BUILD: "true" },
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          globalSetup: ["test/support/setup-worker.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          provide: { database: "postgres" },
          globalSetup: ["test/support/setup-postgres.ts"],
          isolate: false,
          setupFiles: ["test/browser/setup.ts"],
          // A browser and axe want a processor each: after everything else, and no more at a time than there are.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // Only an upper bound, as everywhere: one second is too little for a page on a busy machine.
          expect: { poll: { timeout: 20_000 } },
        },
      },
      endToEnd("pglite"),
      endToEnd("postgres"),
    ],
  },
});
