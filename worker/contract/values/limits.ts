/* Limits on input of callers and orchestrators. Durations carry their unit in the name. */

export const MAX_FRAME_BYTES = 64 * 1024;
/** The size of a heartbeat or handshake, whose decoration is then cut. The platform accepts no more. */
export const MAX_SIGN_OF_LIFE_BYTES = 1024 * 1024;
export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_REGISTER_BODY_BYTES = 256 * 1024;

export const MAX_JSON_DEPTH = 16;
export const MAX_JSON_KEYS_PER_OBJECT = 256;
export const MAX_JSON_KEYS = 1024;
export const MAX_FREE_STRING_BYTES = 8 * 1024;
export const MAX_TEXT_BYTES = 16 * 1024;

/** A queue that built up offline may arrive at once. Frames over the rate are put off. */
export const FRAME_RATE = { burst: 250, perSec: 20 };
/** The number of frames over the rate within {@link FLOOD_WINDOW_MS} that proves abuse. */
export const MAX_FRAMES_OVER_RATE = 1_000;
export const FLOOD_WINDOW_MS = 60_000;
/** Kept in the socket's attachment, which has 16,384 bytes for everything. */
export const MAX_METRICS_BYTES = 4096;
/** The profile is sent back in one frame, with room for the other fields. */
export const MAX_PROFILE_BYTES = 30 * 1024;
/** Limits the connections of one orchestrator, because each has a burst of frames of its own. */
export const UPGRADE_RATE = { burst: 120, perSec: 1 };
export const MAX_STRIKES = 5;
export const STRIKE_WINDOW_MS = 60_000;

/** How much a client is sent between two of its frames. The rest waits for its next frame. */
export const MAX_UNREAD_BYTES = 256 * 1024;
/** Frames up to this size have their own reserve beyond {@link MAX_UNREAD_BYTES}. */
export const SMALL_FRAME_BYTES = 1024;
export const SMALL_FRAMES_RESERVE_BYTES = 16 * 1024;
/** A configuration as sent, features twice. It must fit into one push together with the metadata. */
export const MAX_CONFIG_BYTES = 240 * 1024;
/** How much of its waiting messages a client is sent at a time. */
export const REPLAY_PORTION_BYTES = 128 * 1024;

export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A session with a frame within this time, or within one and a half beats, is alive, so an older machine waits. */
export const TAKEOVER_LIVE_MS = 15_000;
/** A socket that answers its close within this time belongs to a process that still runs. */
export const TAKEOVER_ANSWER_MS = 5_000;
/** Take-overs closer together than this count as one. */
export const TAKEOVER_SPACING_MS = 2_000;
/** After this many signs of a second identical process within {@link TWIN_WINDOW_MS}, it is refused. */
export const TWIN_LIMIT = 3;
export const TWIN_WINDOW_MS = 60_000;
/** Longer than any rolling restart: an old process that still connects after this is a second machine. */
export const DUEL_AFTER_MS = 40_000;
export const DUEL_FORGOTTEN_MS = 10 * 60_000;
export const CONTENDER_FORGOTTEN_MS = 60_000;
export const MAX_CONTENDERS = 8;

/** The number of models, each with its provider, of one orchestrator. Others are counted together. */
export const MAX_MODELS = 500;
export const MODEL_FORGOTTEN_DAYS = 30;

export const ACTIVITY_CAPACITY = 1000;
export const LOG_CAPACITY = 2000;

/** The number of ids that one viewer may watch at a time. */
export const MAX_WATCHED = 200;
/** The number of orchestrators whose heartbeats one request returns. */
export const MAX_HEARTBEAT_IDS = 60;

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
/** The most entries that a list with a `limit` returns. */
export const MAX_LIMIT = 1000;
/** The number of points of a history; a caller can ask for a coarser granularity or a shorter period. */
export const MAX_POINTS = 1_000;
/** The number of rows of an audit export, the newest first; a filter by time returns the rest. */
export const MAX_AUDIT_CSV_ROWS = 10_000;

/** The length of a name, a location, a label or a search text. */
export const MAX_NAME_CHARS = 255;
export const MIN_PASSWORD_CHARS = 15;
export const MAX_PASSWORD_BYTES = 256;
/** The number of valid agent tokens of one orchestrator, so that one can replace the other without a gap. */
export const MAX_VALID_CREDENTIALS = 2;
export const MAX_JOIN_USES = 10_000;
