import type { DatabaseSettings, DevVars } from "./settings.ts";

/** What a person needs to know once everything runs. */
export function readyBlock(url: string, vars: DevVars, database: DatabaseSettings): string {
  const lines: [string, string][] = [
    ["Dashboard", url],
    ["API docs", `${url}/docs`],
    ["Login", `${vars.DEV_ADMIN_USERNAME ?? "–"} / ${vars.DEV_ADMIN_PASSWORD ?? "–"}`],
    ["Database", describe(database)],
  ];
  return `
${bold("Moolai Controller is ready on")} ${bold(url)}

${lines.map(([name, value]) => `  ${name.padEnd(10)} ${value}`).join("\n")}

  Connect      npm run connect -- org-002       (in another terminal: an example orchestrator; watch it turn green)
  Ask it       curl -H "Authorization: Bearer ${vars.DEV_BEARER_TOKEN ?? "…"}" ${url}/api/v1/controller/orchestrators/live
  Look inside  npm run db:sql -- "SELECT orchestrator_id, status, last_seen FROM orchestrator_instances"
               npm run logs -- --grep org-002 --follow

  Ctrl-C stops it. Data stays in .data/.
`;
}

function describe({ postgres, endpoint, url }: DatabaseSettings): string {
  if (endpoint === undefined) return `Neon at ${new URL(url).host}`;
  const behind = postgres === undefined ? "embedded, in .data/postgres" : `PostgreSQL at ${new URL(postgres).host}`;
  return `${behind} (HTTP on ${new URL(endpoint).host})`;
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\u001b[1m${text}\u001b[22m` : text;
}
