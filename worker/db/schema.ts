import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  customType,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  varchar,
} from "drizzle-orm/pg-core";
import type { JsonObject } from "../contract/json.ts";
import { ROLES } from "../contract/values/access.ts";
import { CONFIG_STATES, HEALTH_STATUSES, STATUSES } from "../contract/values/presence.ts";

/** Text as it is searched and sorted, alike on every database: `fold_text` of another column, kept by Postgres itself. */
const foldedText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const json = (name: string) => jsonb(name).$type<JsonObject>().notNull().default({});

export const organizations = pgTable(
  "organizations",
  {
    organizationId: varchar("organization_id", { length: 64 }).primaryKey(),
    name: varchar("name", { length: 255 }).notNull(),
    location: varchar("location", { length: 255 }),
    nameFolded: foldedText("name_folded").generatedAlwaysAs(sql`fold_text("name")`),
    locationFolded: foldedText("location_folded").generatedAlwaysAs(sql`fold_text("location")`),
    /** Whether a person or a registration has set it; then what its orchestrator reports does not change it. */
    nameSet: boolean("name_set").notNull().default(false),
    locationSet: boolean("location_set").notNull().default(false),
    /** What the one orchestrator of an organization of the same id says of itself. */
    reportedName: varchar("reported_name", { length: 255 }),
    reportedLocation: varchar("reported_location", { length: 255 }),
    /** What its orchestrator reports, and over it what people have set. */
    metadata: json("metadata"),
    setMetadata: json("set_metadata"),
    /** Rises with each change of name, location or of what people have set: what an edit expects. */
    editVersion: bigint("edit_version", { mode: "number" }).notNull().default(1),
    features: json("features"),
    settings: json("settings"),
    policies: json("policies"),
    /** Rises with every published configuration; 0: none yet. */
    configRevision: bigint("config_revision", { mode: "number" }).notNull().default(0),
    configHash: varchar("config_hash", { length: 64 }).notNull().default(""),
    status: varchar("status", { length: 16, enum: STATUSES }).notNull().default("inactive"),
    lastSeen: moment("last_seen"),
    isActive: boolean("is_active").notNull().default(false),
    isIndependent: boolean("is_independent").notNull().default(false),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("organizations_created_at").on(table.createdAt.desc(), table.organizationId),
    // Two, because equal names stand in the order of their ids whichever way the names go.
    index("organizations_name").on(table.nameFolded, table.organizationId),
    index("organizations_name_desc").on(sql`name_folded DESC NULLS LAST`, table.organizationId),
  ],
);

export const orchestratorInstances = pgTable(
  "orchestrator_instances",
  {
    orchestratorId: varchar("orchestrator_id", { length: 64 }).primaryKey(),
    organizationId: varchar("organization_id", { length: 64 })
      .notNull()
      .references(() => organizations.organizationId),
    organizationName: varchar("organization_name", { length: 255 }),
    name: varchar("name", { length: 255 }),
    location: varchar("location", { length: 255 }),
    nameSet: boolean("name_set").notNull().default(false),
    locationSet: boolean("location_set").notNull().default(false),
    reportedName: varchar("reported_name", { length: 255 }),
    reportedLocation: varchar("reported_location", { length: 255 }),
    status: varchar("status", { length: 16, enum: STATUSES }).notNull().default("inactive"),
    healthStatus: varchar("health_status", { length: 16, enum: HEALTH_STATUSES }).notNull().default("unknown"),
    isIndependent: boolean("is_independent").notNull().default(false),
    privacyMode: boolean("privacy_mode").notNull().default(false),
    monitoringEnabled: boolean("monitoring_enabled").notNull().default(true),
    lastSeen: moment("last_seen"),
    lastActivity: moment("last_activity"),
    metadata: json("metadata"),
    features: json("features"),
    sessionConfig: json("session_config"),
    internalUrl: varchar("internal_url", { length: 500 }),
    // Null, or the word `set`: what they are is not stored, because nothing here uses it. So it is with the variables.
    databaseUrl: text("database_url"),
    redisUrl: text("redis_url"),
    environmentVariables: jsonb("environment_variables").$type<Record<string, string>>().notNull().default({}),
    containerId: varchar("container_id", { length: 255 }),
    imageName: varchar("image_name", { length: 255 }),
    phoenixEndpoint: varchar("phoenix_endpoint", { length: 500 }),
    adminEmail: varchar("admin_email", { length: 255 }),
    supportEmail: varchar("support_email", { length: 255 }),
    website: varchar("website", { length: 500 }),
    configRevision: bigint("config_revision", { mode: "number" }).notNull().default(0),
    configState: varchar("config_state", { length: 16, enum: CONFIG_STATES }).notNull().default("none"),
    configError: text("config_error"),
    configSince: moment("config_since"),
    configRunning: bigint("config_running_revision", { mode: "number" }),
    /** Counts registrations of this id, given by its Durable Object; a lower one writes nothing. */
    generation: bigint("generation", { mode: "number" }).notNull().default(1),
    /** When the object accepted the newest registration that is stored here; an older one that comes late writes nothing. */
    registrationAt: bigint("registration_at", { mode: "number" }).notNull().default(0),
    /** Fence of presence writes: only a newer `(epoch, seq)` is applied. */
    presenceEpoch: bigint("presence_epoch", { mode: "number" }).notNull().default(0),
    presenceSeq: bigint("presence_seq", { mode: "number" }).notNull().default(0),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("orchestrator_instances_organization").on(table.organizationId),
    index("orchestrator_instances_created_at").on(table.createdAt.desc(), table.orchestratorId),
  ],
);

export const orchestratorMessages = pgTable(
  "orchestrator_messages",
  {
    id: varchar("id", { length: 64 }).primaryKey(),
    orchestratorId: varchar("orchestrator_id", { length: 64 })
      .notNull()
      .references(() => orchestratorInstances.orchestratorId, { onDelete: "cascade" }),
    messageType: varchar("message_type", { length: 32, enum: ["recommendation", "monitoring"] }).notNull(),
    direction: varchar("direction", { length: 16, enum: ["inbound", "outbound"] }).notNull(),
    content: text("content").notNull(),
    messageMetadata: json("message_metadata"),
    status: varchar("status", { length: 16, enum: ["pending", "accepted", "dismissed"] })
      .notNull()
      .default("pending"),
    deliveredAt: moment("delivered_at"),
    decidedBy: varchar("decided_by", { length: 255 }),
    decidedAt: moment("decided_at"),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("orchestrator_messages_orchestrator").on(table.orchestratorId, table.createdAt.desc()),
    index("orchestrator_messages_created_at").on(table.createdAt, table.id),
    // What waits for a decision is counted for every row of a list, and is few among many.
    index("orchestrator_messages_pending").on(table.orchestratorId, table.createdAt).where(sql`status = 'pending'`),
  ],
);

/**
 * The totals of an organization's messages, kept by triggers: counting them for each new message would read them all.
 */
export const messageTotals = pgTable("message_totals", {
  organizationId: varchar("organization_id", { length: 64 })
    .primaryKey()
    .references(() => organizations.organizationId, { onDelete: "cascade" }),
  bytes: bigint("bytes", { mode: "number" }).notNull().default(0),
  /** Of them, those that nobody has accepted or dismissed. */
  pending: bigint("pending", { mode: "number" }).notNull().default(0),
});

/** Append-only audit: no reference to other tables, because it outlives what it tells of. */
export const activityLogs = pgTable(
  "activity_logs",
  {
    id: uuid("id").primaryKey().default(sql`gen_random_uuid()`),
    at: moment("at").notNull().defaultNow(),
    actor: varchar("actor", { length: 255 }).notNull(),
    action: varchar("action", { length: 64 }).notNull(),
    targetType: varchar("target_type", { length: 32 }).notNull(),
    targetId: varchar("target_id", { length: 255 }).notNull(),
    organizationId: varchar("organization_id", { length: 64 }),
    before: jsonb("before").$type<JsonObject>(),
    after: jsonb("after").$type<JsonObject>(),
    ip: varchar("ip", { length: 64 }),
    userAgent: varchar("user_agent", { length: 512 }),
    requestId: varchar("request_id", { length: 64 }),
  },
  (table) => [
    index("activity_logs_at").on(table.at.desc()),
    index("activity_logs_target").on(table.targetId, table.at.desc()),
  ],
);

/** Deregistered ids: a registration of this generation or a lower one writes nothing. */
export const tombstones = pgTable("tombstones", {
  orchestratorId: varchar("orchestrator_id", { length: 64 }).primaryKey(),
  generation: bigint("generation", { mode: "number" }).notNull(),
  at: moment("at").notNull().defaultNow(),
});

/** Every published configuration of an organization; the newest is also in its row. */
export const configRevisions = pgTable(
  "config_revisions",
  {
    organizationId: varchar("organization_id", { length: 64 })
      .notNull()
      .references(() => organizations.organizationId, { onDelete: "cascade" }),
    revision: bigint("revision", { mode: "number" }).notNull(),
    hash: varchar("hash", { length: 64 }).notNull(),
    features: json("features"),
    settings: json("settings"),
    policies: json("policies"),
    actor: varchar("actor", { length: 255 }).notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.revision] })],
);

/** Usage reports that were counted: a repeated `report_id` is counted once. */
export const usageReports = pgTable(
  "usage_reports",
  {
    orchestratorId: varchar("orchestrator_id", { length: 64 }).notNull(),
    /** The registration of the orchestrator that it belongs to. */
    generation: bigint("generation", { mode: "number" }).notNull().default(0),
    reportId: varchar("report_id", { length: 255 }).notNull(),
    /** SHA-256 of what it reports. null: counted before digests were kept. */
    digest: varchar("digest", { length: 64 }),
    at: moment("at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.orchestratorId, table.generation, table.reportId] }),
    index("usage_reports_at").on(table.at),
  ],
);

/** Usage rolled up by hour (UTC). It outlives its orchestrator: what was spent stays spent. */
export const usageHourly = pgTable(
  "usage_hourly",
  {
    organizationId: varchar("organization_id", { length: 64 }).notNull(),
    orchestratorId: varchar("orchestrator_id", { length: 64 }).notNull(),
    hour: moment("hour").notNull(),
    model: varchar("model", { length: 255 }).notNull().default(""),
    provider: varchar("provider", { length: 255 }).notNull().default(""),
    requests: bigint("requests", { mode: "number" }).notNull().default(0),
    inputTokens: bigint("input_tokens", { mode: "number" }).notNull().default(0),
    outputTokens: bigint("output_tokens", { mode: "number" }).notNull().default(0),
    costUsd: numeric("cost_usd", { precision: 20, scale: 8 }).notNull().default("0"),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.orchestratorId, table.hour, table.model, table.provider] }),
    index("usage_hourly_hour").on(table.hour),
  ],
);

export const users = pgTable(
  "users",
  {
    userId: uuid("user_id").primaryKey().default(sql`gen_random_uuid()`),
    username: varchar("username", { length: 255 }).notNull(),
    /** `scrypt$14$8$5$salt$hash`. */
    passwordHash: text("password_hash").notNull(),
    role: varchar("role", { length: 16, enum: ROLES }).notNull(),
    /** null: not bound to any organization. */
    organizations: jsonb("organizations").$type<string[] | null>(),
    isActive: boolean("is_active").notNull().default(true),
    /** Whom a provider of single sign-on means; then the account has no password, and its access comes from there. */
    ssoIssuer: text("sso_issuer"),
    ssoSubject: varchar("sso_subject", { length: 255 }),
    lastLogin: moment("last_login"),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("users_username").on(sql`lower(${table.username})`),
    uniqueIndex("users_sso_identity").on(table.ssoIssuer, table.ssoSubject),
  ],
);

/** The tokens of orchestrators, for lists. The object holds the digests and decides which one is valid. */
export const agentTokens = pgTable(
  "agent_tokens",
  {
    orchestratorId: varchar("orchestrator_id", { length: 64 })
      .notNull()
      .references(() => orchestratorInstances.orchestratorId, { onDelete: "cascade" }),
    keyId: varchar("key_id", { length: 10 }).notNull(),
    /** The registration that it belongs to: a token ends with its registration. */
    generation: bigint("generation", { mode: "number" }).notNull(),
    label: varchar("label", { length: 255 }),
    createdBy: varchar("created_by", { length: 255 }).notNull(),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at"),
    revokedAt: moment("revoked_at"),
  },
  (table) => [primaryKey({ columns: [table.orchestratorId, table.keyId] })],
);

/** Tokens with which orchestrators fetch an agent token. Deleted with their organization. */
export const joinTokens = pgTable(
  "join_tokens",
  {
    keyId: varchar("key_id", { length: 10 }).primaryKey(),
    digest: varchar("digest", { length: 64 }).notNull(),
    organizationId: varchar("organization_id", { length: 64 })
      .notNull()
      .references(() => organizations.organizationId, { onDelete: "cascade" }),
    /** null: any orchestrator of the organization. */
    orchestratorId: varchar("orchestrator_id", { length: 64 }),
    label: varchar("label", { length: 255 }),
    maxUses: integer("max_uses").notNull(),
    uses: integer("uses").notNull().default(0),
    createdBy: varchar("created_by", { length: 255 }).notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull(),
    revokedAt: moment("revoked_at"),
  },
  (table) => [index("join_tokens_organization").on(table.organizationId)],
);

/** Tokens of programs that call the REST interface. */
export const apiTokens = pgTable("api_tokens", {
  keyId: varchar("key_id", { length: 10 }).primaryKey(),
  digest: varchar("digest", { length: 64 }).notNull(),
  name: varchar("name", { length: 255 }).notNull(),
  scopes: jsonb("scopes").$type<("read" | "operate" | "admin")[]>().notNull(),
  /** null: not bound to any organization. */
  organizations: jsonb("organizations").$type<string[] | null>(),
  createdBy: varchar("created_by", { length: 255 }).notNull(),
  createdAt: moment("created_at").notNull().defaultNow(),
  expiresAt: moment("expires_at"),
  lastUsedAt: moment("last_used_at"),
  revokedAt: moment("revoked_at"),
});

/** Links that let a person set a password once: an invitation, or a reset. */
export const oneTimeLinks = pgTable(
  "one_time_links",
  {
    keyId: varchar("key_id", { length: 10 }).primaryKey(),
    digest: varchar("digest", { length: 64 }).notNull(),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.userId, { onDelete: "cascade" }),
    purpose: varchar("purpose", { length: 16, enum: ["invite", "reset"] }).notNull(),
    createdBy: varchar("created_by", { length: 255 }).notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    expiresAt: moment("expires_at").notNull(),
    usedAt: moment("used_at"),
  },
  (table) => [index("one_time_links_user").on(table.userId)],
);
