// What `--help` prints. Plain JavaScript without dependencies, like `run.mjs`, which prints it before it installs anything.

const TARGET = `It works on the local database of this checkout. DATABASE_PORT in the environment names another port of this machine,
DATABASE_MIGRATION_URL a Neon database.`;

/** @type {Record<string, string>} */
export const USAGE = {
  "scripts/start.ts": `Usage: npm start [-- --port 8787] [--database-port 5488]
Starts the controller and its database on loopback. PORT and DATABASE_PORT in the environment do the same.`,
  "scripts/test.ts": `Usage: npm test [-- options of vitest]
Builds the dashboard and runs every test. One layer: npm test -- --project unit (worker, browser, e2e-pglite, e2e-postgres).`,
  "scripts/check.ts": `Usage: npm run check
Checks format, lint, types, imports between folders, unused code, secrets in files, the lock file and the generated types. Changes nothing.`,
  "scripts/connect.ts": `Usage: npm run connect -- org-002 [--url wss://controller.example.com/ws] [--name "Acme Berlin"] [--token]
Runs a small example orchestrator: it connects, sends heartbeats, applies configurations, takes messages, and prints what it
gets and does, until Ctrl-C. It connects to the controller that npm start runs here; PORT in the environment names another
port, CONTROLLER_WS_URL or --url another controller. Deployed, it needs the token of the orchestrator: set AGENT_TOKEN, or let
--token ask for it or read it from standard input.`,
  "scripts/api-types.ts": `Usage: npm run api:types
Writes dashboard/src/lib/api-schema.d.ts from the routes of the Worker. With -- --check it only says whether that is needed.`,
  "scripts/build.ts": `Usage: npm run build
Builds the dashboard and the other static assets into dist/assets, or into the folder that ASSETS_DIR names.`,
  "scripts/format.ts": `Usage: npm run format
Formats every file and mends what the linter can mend.`,
  "scripts/deploy.ts": `Usage: npm run deploy [-- options of wrangler deploy]
Builds everything for production and deploys it to Cloudflare; it refuses a NODE_ENV other than production. With -- --dry-run it uploads nothing, and prints the size of the
Worker and how long it takes to start.`,
  "test/bench/run.ts": `Usage: npm run bench [-- dashboard-live …]
Prints times that no test asserts. Runs the benchmarks that are named, or all of them; docs/development.md lists them.`,
  "scripts/docs-reference.ts": `Usage: npm run docs:reference
Writes docs/reference.md and docs/core-and-decoration.md from the sources.`,
  "scripts/dev-worker.ts": `Usage: npm run dev:worker [-- options of wrangler dev]
Runs the Worker alone, on the database of .dev.vars and the objects of npm start. PORT in the environment names its port,
DATABASE_PORT that of the local database.`,
  "scripts/db-password.ts": `Usage: npm run db:password [-- --role moolai_app]
Lets a role of the database log in with a password, which is asked for or read from standard input, and never shown.
${TARGET}`,
  "scripts/db-endpoint.ts": `Usage: npm run db:endpoint [-- --port 5488] [--postgres postgresql://owner@host/db]
Serves the local database alone, or a PostgreSQL server. DATABASE_PORT in the environment does the same as --port.`,
  "scripts/db-generate.ts": `Usage: npm run db:generate -- --name what-changed
Writes a migration from the difference between worker/db/schema.ts and the newest one. Other options go to drizzle-kit.`,
  "scripts/db-migrate.ts": `Usage: npm run db:migrate
Brings the database to the newest migration.
${TARGET}`,
  "scripts/db-sql.ts": `Usage: npm run db:sql -- "SELECT orchestrator_id, status FROM orchestrator_instances"
Carries out one statement as the owner of the database.
${TARGET}`,
  "scripts/logs.ts": `Usage: npm run logs [-- --grep org-002] [--level info] [--limit 200] [--follow] [--url http://127.0.0.1:8787]
Prints the log of the controller of this checkout, oldest first. PORT in the environment names another port of this machine.
--follow goes on until Ctrl-C, also across a restart of the controller.`,
  "test/browser/screenshots.ts": `Usage: npm run screenshots [-- --only costs]
Writes every page and state as a picture into screenshots/, or only those whose name contains the word.`,
  "scripts/doctor.ts": `Usage: npm run doctor [-- --url https://controller.example.com] [--env staging] [--secrets-file FILE] [--json]
Checks a deployment from outside (--url) and its settings, and prints what is wrong and what to do; --json prints the same for
programs. --env names an environment of wrangler.toml; without it, production is meant. FILE holds its secrets as NAME=value; without it, their names are asked from Cloudflare. DATABASE_MIGRATION_URL in
the environment names the database, which is looked at as its owner. What cannot be looked at is called unknown. Ends with 1
when something is wrong. One login of "doctor-check" is tried, which the audit shows as failed.`,
  "scripts/user-create.ts": `Usage: npm run user:create -- --username ada --role superadmin|admin|operator|viewer [--organization acme …]
Makes a person who may log in. The password is asked for, or read from standard input.
${TARGET}`,
};
