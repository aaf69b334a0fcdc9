/** The recorded frames of the unmodified Python client. No Node API here: the tests in workerd use it as well. */
export interface RecordedFrame {
  /** Seconds since the recording began. */
  t: number;
  frame: { type: string } & Record<string, unknown>;
}

export interface RecordedConnection {
  fromClient: RecordedFrame[];
  fromServer: RecordedFrame[];
}

interface RecordedLine {
  t: number;
  conn: number;
  dir?: "C>S" | "S>C";
  kind: string;
  json?: RecordedFrame["frame"];
}

/** The limit is 20 frames/s; a little below it, so that no burst allowance is needed. */
export const REPLAY_GAP_MS = 55;

/** The connections of a recording, in order, with the text frames of each side. */
export function parseRecording(jsonl: string): RecordedConnection[] {
  const connections = new Map<number, RecordedConnection>();
  for (const text of jsonl.split("\n").filter(Boolean)) {
    const line = JSON.parse(text) as RecordedLine;
    const connection = connections.get(line.conn) ?? { fromClient: [], fromServer: [] };
    connections.set(line.conn, connection);
    if (line.kind !== "text" || !line.json) continue;
    const side = line.dir === "C>S" ? connection.fromClient : connection.fromServer;
    side.push({ t: line.t, frame: line.json });
  }
  return [...connections.values()].filter(({ fromClient }) => fromClient.length > 0);
}

/** How many heartbeats a connection holds. */
export function beatsOf(connection: RecordedConnection): number {
  return connection.fromClient.filter(({ frame }) => frame.type === "i_am_alive").length;
}

/** The id that the client names in its handshake. */
export function idOf(connection: RecordedConnection): string {
  const data = connection.fromClient[0]?.frame.data as { orchestrator_id?: string } | undefined;
  if (!data?.orchestrator_id) throw new Error("the recording does not begin with a handshake");
  return data.orchestrator_id;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;
const OWN_NAMES = /^(?:session_)?(?:id|epoch|generation|hash|seq)$/;

/** Times and the controller's own ids replaced, so that transcripts of two runs can be compared. */
export function normalise(value: unknown, key = ""): unknown {
  if (typeof value === "string") return ISO_TIME.test(value) ? "<time>" : OWN_NAMES.test(key) ? "<id>" : value;
  if (typeof value === "number") return OWN_NAMES.test(key) ? "<number>" : value;
  if (Array.isArray(value)) return value.map((entry) => normalise(entry));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, normalise(entry, name)]));
}
