/** Roles of people, from the least to the most powerful; each includes those before it. */
export const ROLES = ["viewer", "operator", "admin", "superadmin"] as const;

/** What the token of a program may do; each includes those before it. */
export const SCOPES = ["read", "operate", "admin"] as const;
