/* What callers and orchestrators may send, and how long they may take. Durations carry their unit in the name. */

export const MAX_FRAME_BYTES = 64 * 1024;
/** A heartbeat or a handshake, whose decoration is cut down then; the platform itself takes no more. */
export const MAX_SIGN_OF_LIFE_BYTES = 1024 * 1024;
export const MAX_BODY_BYTES = 64 * 1024;
export const MAX_REGISTER_BODY_BYTES = 256 * 1024;

export const MAX_JSON_DEPTH = 16;
export const MAX_JSON_KEYS_PER_OBJECT = 256;
export const MAX_JSON_KEYS = 1024;
export const MAX_FREE_STRING_BYTES = 8 * 1024;
export const MAX_TEXT_BYTES = 16 * 1024;

/** A queue that waited while an orchestrator was offline may come at once; over the rate, frames are put off. */
export const FRAME_RATE = { burst: 250, perSec: 20 };
/** Frames over the rate within {@link FLOOD_WINDOW_MS} that prove abuse. */
export const MAX_FRAMES_OVER_RATE = 1_000;
export const FLOOD_WINDOW_MS = 60_000;
/** Kept in the socket's attachment, which has 16,384 bytes for everything. */
export const MAX_METRICS_BYTES = 4096;
/** What an orchestrator says of itself is told back in one frame, with room for what goes with it. */
export const MAX_PROFILE_BYTES = 30 * 1024;
/** Connections of one orchestrator: each new one would have a burst of frames of its own. */
export const UPGRADE_RATE = { burst: 120, perSec: 1 };
export const MAX_STRIKES = 5;
export const STRIKE_WINDOW_MS = 60_000;

/** What a client is sent without a frame of its own in between; what is beyond that waits for its next frame. */
export const MAX_UNREAD_BYTES = 256 * 1024;
/** Frames up to this size have a reserve of their own beyond {@link MAX_UNREAD_BYTES}. */
export const SMALL_FRAME_BYTES = 1024;
export const SMALL_FRAMES_RESERVE_BYTES = 16 * 1024;
/** A whole configuration as it is told, features twice: with the metadata beside it, it must be room for in one push. */
export const MAX_CONFIG_BYTES = 240 * 1024;
/** What of its waiting messages a client is sent at a time; the next portion follows its next frame. */
export const REPLAY_PORTION_BYTES = 128 * 1024;

export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A session with a frame within this time, or within one and a half beats, is alive: an older machine waits. */
export const TAKEOVER_LIVE_MS = 15_000;
/** A socket that lost its session and answers its close within this time belongs to a process that runs on. */
export const TAKEOVER_ANSWER_MS = 5_000;
/** Take-overs closer together than this count as one. */
export const TAKEOVER_SPACING_MS = 2_000;
/** As many signs of a second process that looks like the holder, within {@link TWIN_WINDOW_MS}, and it is refused. */
export const TWIN_LIMIT = 3;
export const TWIN_WINDOW_MS = 60_000;
/** What a rolling restart never takes: an old process that still knocks after this is a second machine. */
export const DUEL_AFTER_MS = 40_000;
export const DUEL_FORGOTTEN_MS = 10 * 60_000;
export const CONTENDER_FORGOTTEN_MS = 60_000;
export const MAX_CONTENDERS = 8;

/** Names of models that one orchestrator reports usage under, each with its provider; the cost of others is counted together. */
export const MAX_MODELS = 500;
export const MODEL_FORGOTTEN_DAYS = 30;

export const ACTIVITY_CAPACITY = 1000;
export const LOG_CAPACITY = 2000;

/** Ids that one viewer of the stream may watch at a time. */
export const MAX_WATCHED = 200;
/** Orchestrators whose heartbeats one request returns. */
export const MAX_HEARTBEAT_IDS = 60;

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
/** The most entries that a list with a `limit` returns. */
export const MAX_LIMIT = 1000;
/** Points of a history at most; ask for a coarser granularity or a shorter period. */
export const MAX_POINTS = 1_000;
/** Rows of an export of the audit, the newest first; a filter by time gives the rest. */
export const MAX_AUDIT_CSV_ROWS = 10_000;

/** Characters of a name, a location, a label or a text to search for. */
export const MAX_NAME_CHARS = 255;
export const MIN_PASSWORD_CHARS = 15;
export const MAX_PASSWORD_BYTES = 256;
/** Agent tokens of one orchestrator that may be valid at a time, so that one can replace the other without a gap. */
export const MAX_VALID_CREDENTIALS = 2;
export const MAX_JOIN_USES = 10_000;
