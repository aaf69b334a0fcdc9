import type { Auth } from "./auth/auth.ts";
import type { Fleet } from "./fleet/fleet.ts";
import type { RateLimiter } from "./middleware/rate.ts";
import type { Orchestrator } from "./orchestrator/orchestrator.ts";

declare global {
  namespace Cloudflare {
    /** Types `exports` of `cloudflare:workers`. */
    interface GlobalProps {
      mainModule: typeof import("./index.ts");
    }
    /** Raw bindings; `worker/platform/settings.ts` parses the strings once. */
    interface Env {
      ORCHESTRATOR: DurableObjectNamespace<Orchestrator>;
      FLEET: DurableObjectNamespace<Fleet>;
      AUTH: DurableObjectNamespace<Auth>;
      ASSETS: Fetcher;
      CALL_RATE: RateLimiter;
      REFUSAL_RATE: RateLimiter;
      ADDRESS_RATE: RateLimiter;
      HEARTBEAT_TTL_SEC?: string;
      PRESENCE_REPORT_INTERVAL_SEC?: string;
      FLEET_SHARDS?: string;
      LOG_LEVEL?: string;
      ALLOWED_ORIGINS?: string;
      MESSAGE_RETENTION_DAYS?: string;
      AUDIT_RETENTION_DAYS?: string;
      USAGE_RETENTION_DAYS?: string;
      QUOTA_LIVE_VIEWS_PER_ACCOUNT?: string;
      QUOTA_LIVE_VIEWS_PER_ORGANIZATION?: string;
      QUOTA_ORCHESTRATORS_PER_ORGANIZATION?: string;
      QUOTA_USERS_PER_ORGANIZATION?: string;
      QUOTA_JOIN_TOKENS_PER_ORGANIZATION?: string;
      QUOTA_API_TOKENS_PER_ACCOUNT?: string;
      QUOTA_CONFIGURATIONS_PER_DAY_PER_ORGANIZATION?: string;
      QUOTA_MESSAGE_MIB_PER_ORGANIZATION?: string;
      QUOTA_PENDING_MESSAGES_PER_ORGANIZATION?: string;
      DATABASE_URL?: string;
      DATABASE_ENDPOINT?: string;
      SECRETS_KEY?: string;
      PUBLIC_URL?: string;
      LOCAL_LOGIN?: string;
      OIDC_ISSUER?: string;
      OIDC_CLIENT_ID?: string;
      OIDC_CLIENT_SECRET?: string;
      OIDC_SCOPES?: string;
      OIDC_GROUPS_CLAIM?: string;
      OIDC_ROLE_MAP?: string;
      OIDC_BUTTON?: string;
      DEV_BEARER_TOKEN?: string;
      DEV_ADMIN_USERNAME?: string;
      DEV_ADMIN_PASSWORD?: string;
      DEV_ALLOWED_HOSTS?: string;
      DEV_FRONT_KEY?: string;
    }
  }
  type Env = Cloudflare.Env;
  /** Replaced in the bundle: false by `wrangler.toml`, true by the commands of development. */
  const DEVELOPMENT_BUILD: boolean;
}
