/** Every error code of the REST API and its status. */
export const ERROR_STATUS = {
  invalid_json: 400,
  unauthorized: 401,
  invalid_credentials: 401,
  forbidden: 403,
  csrf_rejected: 403,
  origin_rejected: 403,
  host_rejected: 403,
  https_required: 403,
  not_found: 404,
  method_not_allowed: 405,
  already_exists: 409,
  not_connected: 409,
  independent: 409,
  invalid_transition: 409,
  version_conflict: 409,
  session_changed: 409,
  last_superadmin: 409,
  sso_decides: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  upgrade_required: 426,
  rate_limited: 429,
  quota_exceeded: 429,
  internal_error: 500,
  database_unavailable: 503,
  config_error: 503,
  build_mismatch: 503,
  overloaded: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** Close codes of `/ws`. */
export const CLOSE = {
  normal: 1000,
  binary: 1003,
  tooLarge: 1009,
  bug: 1011,
  overloaded: 1013,
  badFrames: 4400,
  credentialEnded: 4401,
  identityMismatch: 4403,
  deregistered: 4404,
  handshakeTimeout: 4408,
  replaced: 4409,
  silent: 4410,
  tooManyFrames: 4429,
} as const;

/** Close codes of the stream. After 1012 and 1013 a viewer comes back with its cursor, after 4430 as well, but later; after 4401 it has to log in first. */
export const STREAM_CLOSE = {
  normal: 1000,
  /** It only has to connect again. */
  restart: 1012,
  /** It reads too slowly, or is too far behind. */
  overloaded: 1013,
  badFrames: 4400,
  /** Its session has ended. */
  revoked: 4401,
  tooManyFrames: 4429,
  /** There is no place for it: the reason says in a sentence whose quota is reached, or that all are taken. */
  quotaExceeded: 4430,
} as const;

/**
 * Why connections of an id are refused. deregistered: it was deregistered and not registered again.
 * duplicate_identity: two live machines use it. wrong_token: no token, or one that is not valid any more. wrong_id:
 * the token or handshake names another id. bad_handshake: no readable handshake arrived in time. rate_limited: it
 * connects too often.
 */
export const REFUSAL_REASONS = [
  "duplicate_identity",
  "wrong_token",
  "wrong_id",
  "bad_handshake",
  "rate_limited",
  "deregistered",
] as const;
