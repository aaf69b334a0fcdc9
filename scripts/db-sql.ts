import { NeonDbError, types } from "@neondatabase/serverless";
import { onDatabase } from "./lib/database.ts";
import { formatTable } from "./lib/format-table.ts";
import { neonClient } from "./lib/neon-client.ts";
import { fail, runMain } from "./lib/project.ts";
import { toolSettings } from "./lib/settings.ts";
import { USAGE } from "./lib/usage.mjs";

/** The text that PostgreSQL wrote, as psql shows it. */
const AS_TEXT: typeof types = { ...types, getTypeParser: () => (value: string) => value };

await runMain(async () => {
  const statement = process.argv.slice(2).join(" ").trim();
  if (statement === "") fail(USAGE["scripts/db-sql.ts"] ?? "");
  if (/^(alter|create)\s+(role|user|group)\b.*\bpassword\s*(e?'|\$)/is.test(statement)) {
    fail(
      "A password on a command line stays in npm's log and in the shell's history. Choose another one, and set it with npm run db:password, which reads it from standard input.",
    );
  }
  const database = toolSettings();
  const client = neonClient(database.ownerUrl, database.endpoint);
  try {
    const result = await onDatabase(database, () =>
      client.query(statement, [], { arrayMode: true, fullResults: true, types: AS_TEXT }),
    );
    if (result.fields.length === 0) return console.log([result.command, result.rowCount].join(" ").trim());
    console.log(formatTable(result.fields, result.rows));
  } catch (error) {
    fail(explain(error));
  }
});

function explain(error: unknown): string {
  if (!(error instanceof NeonDbError)) return error instanceof Error ? error.message : String(error);
  const lines = [`ERROR:  ${error.message}`];
  if (error.detail) lines.push(`DETAIL:  ${error.detail}`);
  if (error.hint) lines.push(`HINT:  ${error.hint}`);
  if (error.code) lines.push(`SQLSTATE:  ${error.code}`);
  return lines.join("\n");
}
