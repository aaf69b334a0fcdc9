import { type Controller, type ControllerOptions, type Json, startController } from "./controller.ts";
import { type DatabaseKind, startDatabase, startTestDatabase, type TestDatabase } from "./database.ts";
import { eventually } from "./eventually.ts";

export interface InstanceRow {
  orchestrator_id: string;
  organization_id: string;
  status: string;
  health_status: string;
  is_independent: boolean;
  /** ISO 8601 with milliseconds, as the API writes it. */
  last_seen: string | null;
}

export interface OrganizationRow {
  organization_id: string;
  name: string;
  location: string | null;
  status: string;
  is_active: boolean;
  is_independent: boolean;
  last_seen: string | null;
}

/** A controller on a database of its own, and what most tests want to know of the two. */
export interface Stack {
  controller: Controller;
  database: TestDatabase;
  instance(id: string): Promise<InstanceRow | null>;
  instances(): Promise<InstanceRow[]>;
  organization(id: string): Promise<OrganizationRow | null>;
  /** The entry of a paged list of the REST interface. */
  listed(list: "orchestrators" | "organizations", id: string): Promise<Json | null>;
  /** Messages of the controller log, newest first. */
  logLines(q?: string): Promise<string[]>;
  waitForLog(message: string): Promise<void>;
  activityTypes(id: string): Promise<string[]>;
  register(id: string, organizationId?: string): Promise<void>;
  stop(): Promise<void>;
}

export interface StackOptions
  extends Pick<ControllerOptions, "vars" | "secrets" | "persistDir" | "inspectObjects" | "assetsDir" | "rates"> {
  /** The kind of the running project, when absent; where no test runs it has to be named. */
  databaseKind?: DatabaseKind;
  /** See {@link startTestDatabase}. */
  ownServer?: boolean;
}

// Read as the owner and past the endpoint, so that looking is neither counted nor stopped by an outage.
const ISO = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS ${column}`;
const INSTANCES = `SELECT orchestrator_id, organization_id, status, health_status, is_independent, ${ISO("last_seen")}
  FROM orchestrator_instances`;
const ORGANIZATIONS = `SELECT organization_id, name, location, status, is_active, is_independent, ${ISO("last_seen")}
  FROM organizations`;

export async function startStack({ databaseKind, ownServer, ...options }: StackOptions = {}): Promise<Stack> {
  const database = await (databaseKind ? startDatabase(databaseKind) : startTestDatabase({ ownServer }));
  const controller = await startController({ database, ...options }).catch(async (error: unknown) => {
    await database.stop();
    throw error;
  });
  const rows = async <T>(sql: string, params: string[] = []) => (await database.query(sql, params)) as T[];

  const logLines = async (q?: string) => {
    const query = q === undefined ? "" : `&q=${encodeURIComponent(q)}`;
    const { status, body, text } = await controller.call("GET", `/api/v1/internal/logs?limit=1000${query}`);
    if (status !== 200) throw new Error(`GET logs: ${status} ${text}`);
    return asList(body.logs).map((line) => String(line.message));
  };

  return {
    controller,
    database,
    logLines,
    instance: async (id) => (await rows<InstanceRow>(`${INSTANCES} WHERE orchestrator_id = $1`, [id]))[0] ?? null,
    instances: () => rows<InstanceRow>(`${INSTANCES} ORDER BY orchestrator_id`),
    organization: async (id) =>
      (await rows<OrganizationRow>(`${ORGANIZATIONS} WHERE organization_id = $1`, [id]))[0] ?? null,
    async listed(list, id) {
      const key = list === "orchestrators" ? "orchestrator_id" : "organization_id";
      const { body } = await controller.call("GET", `/api/v1/controller/${list}?page=1&page_size=100`);
      return asList(body.data?.items).find((item) => String(item[key]) === id) ?? null;
    },
    async waitForLog(message) {
      await eventually(async () => {
        const lines = await logLines();
        if (!lines.includes(message)) throw new Error(`no log line "${message}" in:\n${lines.join("\n")}`);
      });
    },
    async activityTypes(id) {
      const { status, body, text } = await controller.call("GET", `/api/v1/controller/orchestrators/${id}/activity`);
      if (status !== 200) throw new Error(`GET activity: ${status} ${text}`);
      return asList(body.data?.items).map((entry) => String(entry.type));
    },
    async register(id, organizationId = id) {
      const { status, text } = await controller.call("POST", "/api/v1/internal/orchestrators/register", {
        orchestrator_id: id,
        organization_id: organizationId,
        name: id,
        location: "test",
      });
      if (status !== 200) throw new Error(`register ${id}: ${status} ${text}`);
    },
    async stop() {
      await controller.stop();
      await database.stop();
    },
  };
}

export function asList(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error(`expected a list, got ${JSON.stringify(value)}`);
  return value as Json[];
}
