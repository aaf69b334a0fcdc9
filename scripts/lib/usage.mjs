// What `--help` prints. Plain JavaScript without dependencies, like `run.mjs`, which prints it before it installs anything.

/** @type {Record<string, string>} */
export const USAGE = {
  "scripts/start.ts": `Usage: npm start [-- --port 8787] [--database-port 5488]
Starts the controller and its database on loopback. PORT and DATABASE_PORT in the environment do the same.`,
  "scripts/connect.ts": `Usage: npm run connect -- org-002 [--url wss://controller.example.com/ws] [--name "Acme Berlin"] [--token]
Runs a small example orchestrator: it connects, sends heartbeats, applies configurations, takes messages, and prints what it
gets and does, until Ctrl-C. Without --url it connects to the controller of npm start (PORT names another port), or to
CONTROLLER_WS_URL. Deployed it needs its token: in AGENT_TOKEN, or --token asks for it or reads it from standard input.`,
  "scripts/dev-worker.ts": `Usage: npm run dev:worker [-- options of wrangler dev]
Runs the Worker alone, on the database of .dev.vars and the objects of npm start.`,
  "scripts/logs.ts": `Usage: npm run logs [-- --grep org-002] [--level info] [--limit 200] [--follow] [--url http://127.0.0.1:8787]
Prints the log of the controller that npm start runs, oldest first. PORT in the environment names another port.`,
  "scripts/db-sql.ts": `Usage: npm run db:sql -- "SELECT orchestrator_id, status FROM orchestrator_instances"
Asks the database of npm start, as its owner. DATABASE_PORT in the environment names another port of the local database,
DATABASE_MIGRATION_URL a Neon database.`,
  "scripts/db-password.ts": `Usage: npm run db:password [-- --role moolai_app]
Lets a role of the database log in with a password, which is asked for or read from standard input, and never shown.
DATABASE_MIGRATION_URL in the environment names a Neon database.`,
  "scripts/db-endpoint.ts": `Usage: npm run db:endpoint [-- --port 5488] [--postgres postgresql://owner@host/db]
Serves the local database alone.`,
  "scripts/db-migrate.ts": `Usage: npm run db:migrate
Brings the database to the newest migration. DATABASE_MIGRATION_URL in the environment names a Neon database.`,
  "scripts/user-create.ts": `Usage: npm run user:create -- --username ada --role superadmin|admin|operator|viewer [--organization acme …]
The password is asked for, or read from standard input. DATABASE_MIGRATION_URL in the environment names a Neon database.`,
  "scripts/doctor.ts": `Usage: npm run doctor [-- --url https://controller.example.com] [--secrets-file FILE]
Checks the settings of a deployment and prints what is wrong. FILE holds its secrets as NAME=value; without it, their names
are asked from Cloudflare. DATABASE_MIGRATION_URL in the environment names the database.`,
};
