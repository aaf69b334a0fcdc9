/** Roles of people, from the least to the most powerful; each includes those before it. */
export const ROLES = ["viewer", "operator", "admin", "superadmin"] as const;

/** The scope of an API token; each includes the previous ones. */
export const SCOPES = ["read", "operate", "admin"] as const;
