import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import type {} from "vitest";
import type { Backend, RunRequest, StatementResult } from "../../scripts/lib/backend.ts";
import { openPglite } from "../../scripts/lib/backend-pglite.ts";
import { openPostgres } from "../../scripts/lib/backend-postgres.ts";
import { allowLogin, migrate } from "../../scripts/lib/migrate.ts";
import { type Endpoint, startEndpoint } from "../../scripts/lib/neon-endpoint.ts";
import { projectPath } from "../../scripts/lib/project.ts";
import { startPostgres } from "./embedded-postgres.ts";
import { fingerprintOf, removeOutdated } from "./fingerprint.ts";

const LOOPBACK = "127.0.0.1";

export type DatabaseKind = "pglite" | "postgres";

declare module "vitest" {
  interface ProvidedContext {
    /** The kind of database that the e2e project runs on. */
    database: DatabaseKind;
    /** Of the shared database of the worker project. */
    databaseUrl: string;
    databaseEndpoint: string;
    /** The server of the whole test run, on which each test file has a database of its own. */
    postgres: SharedPostgres;
  }
}

/** A running PostgreSQL with a migrated database to copy, in which the application role can log in. */
export interface SharedPostgres {
  ownerUrl: string;
  applicationPassword: string;
}

const TEMPLATE = "moolai_template";

export interface StartOptions {
  /** False leaves the database empty. */
  migrated?: boolean;
  /** On this server; otherwise a PostgreSQL database has a server of its own. */
  shared?: SharedPostgres | undefined;
}

export interface TestDatabase extends Pick<Endpoint, "pause" | "resume" | "freeze" | "unfreeze"> {
  readonly kind: DatabaseKind;
  /** DATABASE_ENDPOINT for the Worker. */
  readonly endpoint: string;
  /** DATABASE_URL for the Worker: the application role. */
  readonly url: string;
  readonly ownerUrl: string;
  /** Every statement that came over HTTP since the start or the last {@link clearStatements}, oldest first. */
  statements(): string[];
  clearStatements(): void;
  /** Runs a statement as the owner, past the endpoint: uncounted, and possible while that is paused or frozen. */
  query(sql: string, params?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/**
 * A fresh database of the kind that the running project is for. A test that stops the server or changes a role, of which all
 * databases of a server have the same, asks for `ownServer`.
 */
export async function startTestDatabase({
  ownServer = false,
}: {
  ownServer?: boolean | undefined;
} = {}): Promise<TestDatabase> {
  // vitest refuses to be imported where no test runs: in a global setup, or in a benchmark.
  const { inject } = await import("vitest");
  const kind = inject("database");
  return startDatabase(kind, { shared: kind === "postgres" && !ownServer ? inject("postgres") : undefined });
}

/** Starts a fresh database of its own behind an endpoint of its own, migrated, with the application role able to log in. */
export async function startDatabase(kind: DatabaseKind, options: StartOptions = {}): Promise<TestDatabase> {
  const { migrated = true, shared } = options;
  const source = kind === "pglite" ? await createPglite(migrated) : await createPostgres(shared);
  const statements: string[] = [];
  const { backend } = source;
  const endpoint = await startEndpoint({ backend, onStatement: (sql) => statements.push(...sql) });
  // The URLs name the endpoint's port, so that several databases in one process can be told apart by it.
  const at = `${LOOPBACK}:${endpoint.port}/moolai_controller`;
  const ownerUrl = `postgresql://postgres:${source.password}@${at}`;
  const url = `postgresql://moolai_app:${source.applicationPassword ?? randomBytes(8).toString("hex")}@${at}`;
  let release: (() => Promise<void>) | null = null;
  const stop = async () => {
    await release?.();
    await endpoint.close();
    await source.drop();
  };
  try {
    if (migrated && source.applicationPassword === undefined) {
      await migrate(ownerUrl, { endpoint: endpoint.url });
      await allowLogin(ownerUrl, url, endpoint.url);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  statements.length = 0;
  return {
    kind,
    endpoint: endpoint.url,
    url,
    ownerUrl,
    statements: () => [...statements],
    clearStatements: () => {
      statements.length = 0;
    },
    query: (sql, params = []) => queryAsOwner(backend, source.password, sql, params),
    async pause() {
      await endpoint.pause();
      release ??= await holdPort(endpoint.port);
    },
    async resume() {
      await release?.();
      release = null;
      await endpoint.resume();
    },
    freeze: endpoint.freeze,
    unfreeze: endpoint.unfreeze,
    stop,
  };
}

/** Nobody listens on the port, and no server that is started meanwhile is given it: a connection goes out from it. */
async function holdPort(port: number): Promise<() => Promise<void>> {
  // The other end of the reset below.
  const server = createServer((peer) => peer.on("error", () => undefined)).listen(0, LOOPBACK);
  await once(server, "listening");
  const socket = connect({ port: (server.address() as AddressInfo).port, host: LOOPBACK, localPort: port });
  await once(socket, "connect");
  return async () => {
    socket.resetAndDestroy();
    await new Promise((resolve) => server.close(resolve));
  };
}

interface Source {
  backend: Backend;
  password: string;
  /** Of a copy of a migrated database. */
  applicationPassword?: string;
  drop(): Promise<void>;
}

async function createPglite(migrated: boolean): Promise<Source> {
  const backend = await openPglite(undefined, await pgliteTemplate(migrated));
  return { backend, password: "unused", ...(migrated && { applicationPassword: "unused" }), drop: async () => {} };
}

/** Everything that decides what a migrated database holds. */
const TEMPLATE_SOURCES = ["migrations", "scripts/lib/migrate.ts"];

/** A database to copy: PGlite takes seconds to make and to migrate one, and a third of a second to load one. */
async function pgliteTemplate(migrated: boolean): Promise<Blob> {
  const manifest = await readFile(projectPath("node_modules/@electric-sql/pglite/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const empty = `pglite-${version}.tar`;
  const name = migrated ? `pglite-${version}-${await fingerprintOf(TEMPLATE_SOURCES)}.tar` : empty;
  const file = projectPath(".data", name);
  if (!existsSync(file)) {
    const dump = migrated ? await dumpMigrated() : await dumpOf(await PGlite.create());
    // Test files may do this at the same time: a rename is never half done.
    const aside = `${file}.${process.pid}`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(aside, Buffer.from(await dump.arrayBuffer()));
    await rename(aside, file);
    await removeOutdated(dirname(file), (other) => other.startsWith("pglite-") && ![empty, name].includes(other));
  }
  // Read at once: a blob that refers to the file would notice when another test file puts its own in place.
  return new Blob([await readFile(file)]);
}

async function dumpMigrated(): Promise<Blob> {
  const folder = await mkdtemp(join(tmpdir(), "moolai-pglite-"));
  const dataDir = join(folder, "data");
  try {
    await migrateOnce(await openPglite(dataDir, await pgliteTemplate(false)), "unused", "unused");
    return await dumpOf(await PGlite.create(dataDir));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function dumpOf(database: PGlite): Promise<Blob> {
  const dump = await database.dumpDataDir("none");
  await database.close();
  return dump;
}

/** Migrates what is behind the back end and lets the application role log in; closes the back end. */
async function migrateOnce(backend: Backend, ownerPassword: string, applicationPassword: string): Promise<void> {
  const endpoint = await startEndpoint({ backend });
  try {
    const at = `${LOOPBACK}:${endpoint.port}/moolai_controller`;
    const ownerUrl = `postgresql://postgres:${ownerPassword}@${at}`;
    await migrate(ownerUrl, { endpoint: endpoint.url });
    await allowLogin(ownerUrl, `postgresql://moolai_app:${applicationPassword}@${at}`, endpoint.url);
  } finally {
    await endpoint.close();
  }
}

/** For a global setup: the server on which `startTestDatabase` makes databases. */
export async function startSharedPostgres(): Promise<SharedPostgres & { stop(): Promise<void> }> {
  const { ownerUrl, stop } = await startPostgres();
  const applicationPassword = randomBytes(8).toString("hex");
  try {
    await asOwner(ownerUrl, `CREATE DATABASE ${TEMPLATE}`);
    await migrateOnce(openDatabase(ownerUrl, TEMPLATE), new URL(ownerUrl).password, applicationPassword);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ownerUrl, applicationPassword, stop };
}

async function createPostgres(shared: SharedPostgres | undefined): Promise<Source> {
  if (shared === undefined) {
    const server = await startPostgres();
    const { password } = new URL(server.ownerUrl);
    return { backend: openDatabase(server.ownerUrl, "postgres"), password, drop: server.stop };
  }
  const { ownerUrl, applicationPassword } = shared;
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asOwner(ownerUrl, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return {
    backend: openDatabase(ownerUrl, name),
    password: new URL(ownerUrl).password,
    applicationPassword,
    drop: () => asOwner(ownerUrl, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

function openDatabase(ownerUrl: string, database: string): Backend {
  const { hostname, port } = new URL(ownerUrl);
  return openPostgres({ host: hostname, port: Number(port), database });
}

async function asOwner(ownerUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function queryAsOwner(backend: Backend, password: string, sql: string, params: unknown[]) {
  const texts = params.map((value) => (value === null || value === undefined ? null : toText(value)));
  const request: RunRequest = { user: "postgres", password, statements: [{ sql, params: texts }] };
  const [result] = await backend.run(request);
  return result ? toObjects(result) : [];
}

function toText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function toObjects({ fields, rows }: StatementResult): Record<string, unknown>[] {
  const parsers = fields.map(({ dataTypeID }) => pg.types.getTypeParser(dataTypeID, "text"));
  return rows.map((row) =>
    Object.fromEntries(row.map((text, i) => [fields[i]?.name ?? "", text === null ? null : parsers[i]?.(text)])),
  );
}
