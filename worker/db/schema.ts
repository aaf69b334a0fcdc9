import { sql } from "drizzle-orm";
import { bigint, boolean, index, jsonb, pgTable, text, timestamp, uuid, varchar } from "drizzle-orm/pg-core";
import type { JsonObject } from "../contract/json.ts";
import { HEALTH_STATUSES, STATUSES } from "../contract/presence.ts";

const moment = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });
const json = (name: string) => jsonb(name).$type<JsonObject>().notNull().default({});

export const organizations = pgTable(
  "organizations",
  {
    organizationId: varchar("organization_id", { length: 64 }).primaryKey(),
    name: varchar("name", { length: 255 }).notNull(),
    location: varchar("location", { length: 255 }),
    metadata: json("metadata"),
    features: json("features"),
    settings: json("settings"),
    status: varchar("status", { length: 16, enum: STATUSES }).notNull().default("inactive"),
    lastSeen: moment("last_seen"),
    isActive: boolean("is_active").notNull().default(false),
    isIndependent: boolean("is_independent").notNull().default(false),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [index("organizations_created_at").on(table.createdAt.desc(), table.organizationId)],
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
    // Encrypted (DESIGN §4), hence text; the API never gives them back.
    databaseUrl: text("database_url"),
    redisUrl: text("redis_url"),
    environmentVariables: jsonb("environment_variables").$type<Record<string, string>>().notNull().default({}),
    containerId: varchar("container_id", { length: 255 }),
    imageName: varchar("image_name", { length: 255 }),
    phoenixEndpoint: varchar("phoenix_endpoint", { length: 500 }),
    adminEmail: varchar("admin_email", { length: 255 }),
    supportEmail: varchar("support_email", { length: 255 }),
    website: varchar("website", { length: 500 }),
    /** Counts registrations of this id, given by its Durable Object; a lower one writes nothing. */
    generation: bigint("generation", { mode: "number" }).notNull().default(1),
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
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [index("orchestrator_messages_orchestrator").on(table.orchestratorId, table.createdAt.desc())],
);

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
