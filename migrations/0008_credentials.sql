CREATE TABLE "agent_tokens" (
	"orchestrator_id" varchar(64) NOT NULL,
	"key_id" varchar(10) NOT NULL,
	"generation" bigint NOT NULL,
	"label" varchar(255),
	"created_by" varchar(255) NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "agent_tokens_orchestrator_id_key_id_pk" PRIMARY KEY("orchestrator_id","key_id")
);
--> statement-breakpoint
CREATE TABLE "api_tokens" (
	"key_id" varchar(10) PRIMARY KEY NOT NULL,
	"digest" varchar(64) NOT NULL,
	"name" varchar(255) NOT NULL,
	"scopes" jsonb NOT NULL,
	"organizations" jsonb,
	"created_by" varchar(255) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "join_tokens" (
	"key_id" varchar(10) PRIMARY KEY NOT NULL,
	"digest" varchar(64) NOT NULL,
	"organization_id" varchar(64) NOT NULL,
	"orchestrator_id" varchar(64),
	"label" varchar(255),
	"max_uses" integer NOT NULL,
	"uses" integer DEFAULT 0 NOT NULL,
	"created_by" varchar(255) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "one_time_links" (
	"key_id" varchar(10) PRIMARY KEY NOT NULL,
	"digest" varchar(64) NOT NULL,
	"user_id" uuid NOT NULL,
	"purpose" varchar(16) NOT NULL,
	"created_by" varchar(255) NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "agent_tokens" ADD CONSTRAINT "agent_tokens_orchestrator_id_orchestrator_instances_orchestrator_id_fk" FOREIGN KEY ("orchestrator_id") REFERENCES "public"."orchestrator_instances"("orchestrator_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "join_tokens" ADD CONSTRAINT "join_tokens_organization_id_organizations_organization_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("organization_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "one_time_links" ADD CONSTRAINT "one_time_links_user_id_users_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "join_tokens_organization" ON "join_tokens" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "one_time_links_user" ON "one_time_links" USING btree ("user_id");
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON agent_tokens, join_tokens, api_tokens, one_time_links TO moolai_app;
