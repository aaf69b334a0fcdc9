// What `--help` prints. Plain JavaScript without dependencies, like `run.mjs`, which prints it before it installs anything.

const TARGET = `It uses the local database of this checkout. To use another one, set DATABASE_PORT (another port of this machine) or
DATABASE_MIGRATION_URL (a Neon database) in the environment.`;

/** @type {Record<string, string>} */
export const USAGE = {
  "scripts/start.ts": `Usage: npm start [-- --port 8787] [--database-port 5488]
Starts the controller and its database on loopback. PORT and DATABASE_PORT in the environment do the same.`,
  "scripts/test.ts": `Usage: npm test [-- [--changed [commit]] [options of vitest]]
Builds the dashboard and runs every test. One layer: npm test -- --project unit (worker, browser, e2e-pglite, e2e-postgres).
--changed runs the unit tests that import a file that differs from the commit (HEAD, if none is named), and of the other layers
the tests that are named after such a file or stand for its folder. It takes a minute or two, and does not replace the whole run.`,
  "scripts/check.ts": `Usage: npm run check
Checks format, lint, types, imports between folders, unused code, secrets in files, the lock file and the generated types. Changes nothing.`,
  "scripts/connect.ts": `Usage: npm run connect -- org-002 [--url wss://controller.example.com/ws] [--name "Acme Berlin"] [--token]
Runs a small example orchestrator until Ctrl-C: it connects, sends heartbeats, applies configurations, receives messages, and prints
everything that it receives and does. It connects to the controller of this checkout; PORT in the environment names another port,
CONTROLLER_WS_URL or --url another controller. A deployed controller requires the token of the orchestrator: set AGENT_TOKEN, or
use --token to type it or to read it from standard input.`,
  "scripts/api-types.ts": `Usage: npm run api:types
Writes dashboard/src/lib/api-schema.d.ts from the routes of the Worker. With -- --check it only reports whether the file is out of date.`,
  "scripts/build.ts": `Usage: npm run build
Builds the dashboard and the other static assets into dist/assets, or into the folder that ASSETS_DIR names.`,
  "scripts/format.ts": `Usage: npm run format
Formats every file and applies the fixes of the linter.`,
  "scripts/deploy.ts": `Usage: npm run deploy [-- options of wrangler deploy]
Builds everything for production and deploys it to Cloudflare; it refuses a NODE_ENV other than production. With -- --dry-run it
uploads nothing, and prints the size of the Worker and its startup time.`,
  "test/bench/run.ts": `Usage: npm run bench [-- dashboard-live …]
Runs the named benchmarks, or all of them, and prints their figures; docs/development.md lists them. No test asserts them.`,
  "scripts/docs-reference.ts": `Usage: npm run docs:reference
Writes docs/reference.md and docs/core-and-decoration.md from the sources.`,
  "scripts/dev-worker.ts": `Usage: npm run dev:worker [-- options of wrangler dev]
Runs the Worker without a database of its own: it uses the database of .dev.vars and the objects of npm start. PORT in the
environment sets its port, DATABASE_PORT the port of the local database.`,
  "scripts/db-password.ts": `Usage: npm run db:password [-- --role moolai_app]
Sets the password of a database role. It asks for the password or reads it from standard input, and never prints it.
${TARGET}`,
  "scripts/db-endpoint.ts": `Usage: npm run db:endpoint [-- --port 5488] [--postgres postgresql://owner@host/db]
Serves the local database alone, or a PostgreSQL server. DATABASE_PORT in the environment does the same as --port.`,
  "scripts/db-generate.ts": `Usage: npm run db:generate -- --name what-changed
Writes a migration from the difference between worker/db/schema.ts and the newest one. Other options go to drizzle-kit.`,
  "scripts/db-migrate.ts": `Usage: npm run db:migrate
Brings the database to the newest migration.
${TARGET}`,
  "scripts/db-sql.ts": `Usage: npm run db:sql -- "SELECT orchestrator_id, status FROM orchestrator_instances"
Runs one SQL statement as the owner of the database.
${TARGET}`,
  "scripts/logs.ts": `Usage: npm run logs [-- --grep org-002] [--level info] [--limit 200] [--follow] [--url http://127.0.0.1:8787]
Prints the log of the controller of this checkout, oldest first. PORT in the environment names another port of this machine.
--follow continues until Ctrl-C, also across a restart of the controller.`,
  "test/browser/screenshots.ts": `Usage: npm run screenshots [-- --only costs]
Writes every page and state as a picture into screenshots/, or only those whose name contains the word.`,
  "scripts/doctor.ts": `Usage: npm run doctor [-- --url https://controller.example.com] [--env staging] [--secrets-file FILE] [--json]
Checks a deployment from outside (--url) and its settings, and prints what is wrong and what to do; --json prints the same for
programs. --env names an environment of wrangler.toml; the default is production. FILE contains its secrets as NAME=value; without it, Cloudflare is asked for their names. DATABASE_MIGRATION_URL in
the environment names the database, which is checked with the owner's rights. A check that cannot be made is reported as unknown.
The exit code is 1 when something is wrong. The doctor tries one login as "doctor-check", which the audit shows as failed.`,
  "scripts/user-create.ts": `Usage: npm run user:create -- --username ada --role superadmin|admin|operator|viewer [--organization acme …]
Creates a person who may log in. It asks for the password, or reads it from standard input.
${TARGET}`,
};
