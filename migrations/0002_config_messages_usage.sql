CREATE TABLE "config_revisions" (
	"organization_id" varchar(64) NOT NULL,
	"revision" bigint NOT NULL,
	"hash" varchar(64) NOT NULL,
	"features" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"policies" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"actor" varchar(255) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "config_revisions_organization_id_revision_pk" PRIMARY KEY("organization_id","revision")
);
--> statement-breakpoint
CREATE TABLE "usage_hourly" (
	"organization_id" varchar(64) NOT NULL,
	"orchestrator_id" varchar(64) NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"model" varchar(255) DEFAULT '' NOT NULL,
	"provider" varchar(255) DEFAULT '' NOT NULL,
	"requests" bigint DEFAULT 0 NOT NULL,
	"input_tokens" bigint DEFAULT 0 NOT NULL,
	"output_tokens" bigint DEFAULT 0 NOT NULL,
	"cost_usd" numeric(20, 8) DEFAULT '0' NOT NULL,
	CONSTRAINT "usage_hourly_organization_id_orchestrator_id_hour_model_provider_pk" PRIMARY KEY("organization_id","orchestrator_id","hour","model","provider")
);
--> statement-breakpoint
CREATE TABLE "usage_reports" (
	"orchestrator_id" varchar(64) NOT NULL,
	"report_id" varchar(255) NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "usage_reports_orchestrator_id_report_id_pk" PRIMARY KEY("orchestrator_id","report_id")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"user_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"username" varchar(255) NOT NULL,
	"password_hash" text NOT NULL,
	"role" varchar(16) NOT NULL,
	"organizations" jsonb,
	"is_active" boolean DEFAULT true NOT NULL,
	"last_login" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "orchestrator_instances" ADD COLUMN "config_revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orchestrator_instances" ADD COLUMN "config_state" varchar(16) DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "orchestrator_instances" ADD COLUMN "config_error" text;--> statement-breakpoint
ALTER TABLE "orchestrator_messages" ADD COLUMN "decided_by" varchar(255);--> statement-breakpoint
ALTER TABLE "orchestrator_messages" ADD COLUMN "decided_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "policies" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "config_revision" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "config_hash" varchar(64) DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "config_revisions" ADD CONSTRAINT "config_revisions_organization_id_organizations_organization_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("organization_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "usage_hourly_hour" ON "usage_hourly" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "usage_reports_at" ON "usage_reports" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "users_username" ON "users" USING btree (lower("username"));