ALTER TABLE "users" ADD COLUMN "sso_issuer" text;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "sso_subject" varchar(255);--> statement-breakpoint
CREATE UNIQUE INDEX "users_sso_identity" ON "users" USING btree ("sso_issuer","sso_subject");