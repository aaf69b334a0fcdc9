import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { dirname } from "node:path";
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

const LOOPBACK = "127.0.0.1";

export type DatabaseKind = "pglite" | "postgres";

declare module "vitest" {
  interface ProvidedContext {
    /** The kind of database that the e2e project runs on. */
    database: DatabaseKind;
    /** Of the shared database of the worker project. */
    databaseUrl: string;
    databaseEndpoint: string;
  }
}

export interface StartOptions {
  /** False leaves the database empty. */
  migrated?: boolean;
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

/** A fresh database of the kind that the running e2e project is for. */
export async function startTestDatabase(options?: StartOptions): Promise<TestDatabase> {
  // vitest refuses to be imported where no test runs: in a global setup, or in a benchmark.
  const { inject } = await import("vitest");
  return startDatabase(inject("database"), options);
}

/** Starts a fresh database of its own behind an endpoint of its own, migrated, with the application role able to log in. */
export async function startDatabase(kind: DatabaseKind, { migrated = true }: StartOptions = {}): Promise<TestDatabase> {
  const source = kind === "pglite" ? await createPglite() : await createPostgres();
  const statements: string[] = [];
  const { backend } = source;
  const endpoint = await startEndpoint({ backend, onStatement: (sql) => statements.push(...sql) });
  // The URLs name the endpoint's port, so that several databases in one process can be told apart by it.
  const at = `${LOOPBACK}:${endpoint.port}/moolai_controller`;
  const ownerUrl = `postgresql://postgres:${source.password}@${at}`;
  const url = `postgresql://moolai_app:${randomBytes(8).toString("hex")}@${at}`;
  let release: (() => Promise<void>) | null = null;
  const stop = async () => {
    await release?.();
    await endpoint.close();
    await source.drop();
  };
  try {
    if (migrated) {
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
  drop(): Promise<void>;
}

async function createPglite(): Promise<Source> {
  return { backend: await openPglite(undefined, await pgliteTemplate()), password: "unused", drop: async () => {} };
}

/** An empty database to copy: PGlite takes seconds to make one, and a third of a second to load one. */
async function pgliteTemplate(): Promise<Blob> {
  const manifest = await readFile(projectPath("node_modules/@electric-sql/pglite/package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const file = projectPath(".data", `pglite-${version}.tar`);
  if (!existsSync(file)) {
    const empty = await PGlite.create();
    const dump = await empty.dumpDataDir("none");
    await empty.close();
    // Test files may do this at the same time: a rename is never half done.
    const aside = `${file}.${process.pid}`;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(aside, Buffer.from(await dump.arrayBuffer()));
    await rename(aside, file);
  }
  // Read at once: a blob that refers to the file would notice when another test file puts its own in place.
  return new Blob([await readFile(file)]);
}

async function createPostgres(): Promise<Source> {
  // A server of its own takes a second, and lets a test stop or suspend it while others run beside.
  const server = await startPostgres();
  const { hostname, port, password } = new URL(server.ownerUrl);
  return {
    backend: openPostgres({ host: hostname, port: Number(port), database: "postgres" }),
    password,
    drop: server.stop,
  };
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
