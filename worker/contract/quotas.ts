/*
 * The quotas of an organization or an account, which is a person with the API tokens and wall screens in their name.
 * These are the defaults; each is a setting (`worker/platform/settings.ts`). See docs/design.md#quotas for all other
 * bounds.
 */

interface Quota {
  /** Whose share is counted. */
  of: "organization" | "account";
  limit: number;
  /** The variable of the Worker that sets another limit. */
  setting: `QUOTA_${string}`;
  /** What is counted, in a sentence: "… has 100 live views open, which is the limit". */
  holds: string;
  /** What helps an account or organization that has reached the limit. */
  remedy: string;
}

export const QUOTAS = {
  live_views_per_account: {
    of: "account",
    limit: 100,
    setting: "QUOTA_LIVE_VIEWS_PER_ACCOUNT",
    holds: "live views open",
    remedy: "Close those that are not in use",
  },
  live_views_per_organization: {
    of: "organization",
    limit: 300,
    setting: "QUOTA_LIVE_VIEWS_PER_ORGANIZATION",
    holds: "live views open",
    remedy: "Close those that are not in use",
  },
  orchestrators_per_organization: {
    of: "organization",
    limit: 10_000,
    setting: "QUOTA_ORCHESTRATORS_PER_ORGANIZATION",
    holds: "orchestrators",
    remedy: "Deregister those that are gone",
  },
  users_per_organization: {
    of: "organization",
    limit: 500,
    setting: "QUOTA_USERS_PER_ORGANIZATION",
    holds: "users",
    remedy: "Bind people who have left to no organization; deactivate those who came from single sign-on",
  },
  join_tokens_per_organization: {
    of: "organization",
    limit: 200,
    setting: "QUOTA_JOIN_TOKENS_PER_ORGANIZATION",
    holds: "join tokens that are valid or were made in the last 24 hours",
    remedy: "Revoke those that are not needed, or use one for several orchestrators",
  },
  api_tokens_per_account: {
    of: "account",
    limit: 200,
    setting: "QUOTA_API_TOKENS_PER_ACCOUNT",
    holds: "API tokens that are valid or were made in the last 24 hours",
    remedy: "Revoke those that are not needed",
  },
  configurations_per_day_per_organization: {
    of: "organization",
    limit: 2_000,
    setting: "QUOTA_CONFIGURATIONS_PER_DAY_PER_ORGANIZATION",
    holds: "configurations published in the last 24 hours",
    remedy: "Publish several changes as one",
  },
  message_mib_per_organization: {
    of: "organization",
    limit: 1_024,
    setting: "QUOTA_MESSAGE_MIB_PER_ORGANIZATION",
    holds: "MiB of messages",
    remedy: "Messages go when they are older than MESSAGE_RETENTION_DAYS",
  },
  pending_messages_per_organization: {
    of: "organization",
    limit: 500_000,
    setting: "QUOTA_PENDING_MESSAGES_PER_ORGANIZATION",
    holds: "messages from orchestrators that nobody has accepted or dismissed",
    remedy:
      "Accept or dismiss some, wait until the oldest are as old as MESSAGE_RETENTION_DAYS says, or deregister an orchestrator that floods, which deletes its messages",
  },
} as const satisfies Record<string, Quota>;

export type QuotaKind = keyof typeof QUOTAS;
/** The limits in force. */
export type QuotaLimits = Record<QuotaKind, number>;

export const QUOTA_KINDS = Object.keys(QUOTAS) as QuotaKind[];

/** Says that a quota is reached, how much it is, and what to do. */
export function quotaMessage(kind: QuotaKind, limit: number): string {
  const { of, holds, remedy }: Quota = QUOTAS[kind];
  const holder = of === "account" ? "Your account" : "This organization";
  return `${holder} has ${limit} ${holds}, which is the limit. ${remedy}.`;
}
