import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import type { DatabaseKind } from "./test/support/database.ts";

/** The end-to-end tests on one kind of database. Files run one after another: each drives a whole controller. */
function endToEnd(database: DatabaseKind): TestProjectInlineConfiguration {
  return {
    test: {
      name: `e2e-${database}`,
      include: ["test/e2e/**/*.test.ts"],
      globalSetup: database === "postgres" ? ["test/support/setup-postgres.ts"] : [],
      provide: { database },
      fileParallelism: false,
      testTimeout: 60_000,
      hookTimeout: 120_000,
    },
  };
}

export default defineConfig({
  test: {
    retry: 0,
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                DATABASE_URL: inject("databaseUrl"),
                DATABASE_ENDPOINT: inject("databaseEndpoint"),
                DEV_BEARER_TOKEN: "fake-dev-token",
                DEV_ADMIN_USERNAME: "superadmin",
                DEV_ADMIN_PASSWORD: "moolai-dev",
                // As deployed; the end-to-end tests run with 1, as in development.
                PRESENCE_REPORT_INTERVAL_SEC: "110",
              },
            },
          })),
        ],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          globalSetup: ["test/support/setup-worker.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      endToEnd("pglite"),
      endToEnd("postgres"),
    ],
  },
});
