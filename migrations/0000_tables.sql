CREATE TABLE "activity_logs" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"actor" varchar(255) NOT NULL,
	"action" varchar(64) NOT NULL,
	"target_type" varchar(32) NOT NULL,
	"target_id" varchar(255) NOT NULL,
	"organization_id" varchar(64),
	"before" jsonb,
	"after" jsonb,
	"ip" varchar(64),
	"user_agent" varchar(512),
	"request_id" varchar(64)
);
--> statement-breakpoint
CREATE TABLE "orchestrator_instances" (
	"orchestrator_id" varchar(64) PRIMARY KEY NOT NULL,
	"organization_id" varchar(64) NOT NULL,
	"organization_name" varchar(255),
	"name" varchar(255),
	"location" varchar(255),
	"status" varchar(16) DEFAULT 'inactive' NOT NULL,
	"health_status" varchar(16) DEFAULT 'unknown' NOT NULL,
	"is_independent" boolean DEFAULT false NOT NULL,
	"privacy_mode" boolean DEFAULT false NOT NULL,
	"monitoring_enabled" boolean DEFAULT true NOT NULL,
	"last_seen" timestamp (3) with time zone,
	"last_activity" timestamp (3) with time zone,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"features" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"session_config" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"internal_url" varchar(500),
	"database_url" text,
	"redis_url" text,
	"environment_variables" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"container_id" varchar(255),
	"image_name" varchar(255),
	"phoenix_endpoint" varchar(500),
	"admin_email" varchar(255),
	"support_email" varchar(255),
	"website" varchar(500),
	"generation" bigint DEFAULT 1 NOT NULL,
	"presence_epoch" bigint DEFAULT 0 NOT NULL,
	"presence_seq" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orchestrator_messages" (
	"id" varchar(64) PRIMARY KEY NOT NULL,
	"orchestrator_id" varchar(64) NOT NULL,
	"message_type" varchar(32) NOT NULL,
	"direction" varchar(16) NOT NULL,
	"content" text NOT NULL,
	"message_metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" varchar(16) DEFAULT 'pending' NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"organization_id" varchar(64) PRIMARY KEY NOT NULL,
	"name" varchar(255) NOT NULL,
	"location" varchar(255),
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"features" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"status" varchar(16) DEFAULT 'inactive' NOT NULL,
	"last_seen" timestamp (3) with time zone,
	"is_active" boolean DEFAULT false NOT NULL,
	"is_independent" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tombstones" (
	"orchestrator_id" varchar(64) PRIMARY KEY NOT NULL,
	"generation" bigint NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "orchestrator_instances" ADD CONSTRAINT "orchestrator_instances_organization_id_organizations_organization_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("organization_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orchestrator_messages" ADD CONSTRAINT "orchestrator_messages_orchestrator_id_orchestrator_instances_orchestrator_id_fk" FOREIGN KEY ("orchestrator_id") REFERENCES "public"."orchestrator_instances"("orchestrator_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "activity_logs_at" ON "activity_logs" USING btree ("at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "activity_logs_target" ON "activity_logs" USING btree ("target_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orchestrator_instances_organization" ON "orchestrator_instances" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "orchestrator_instances_created_at" ON "orchestrator_instances" USING btree ("created_at" DESC NULLS LAST,"orchestrator_id");--> statement-breakpoint
CREATE INDEX "orchestrator_messages_orchestrator" ON "orchestrator_messages" USING btree ("orchestrator_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organizations_created_at" ON "organizations" USING btree ("created_at" DESC NULLS LAST,"organization_id");