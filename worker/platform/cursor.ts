import { Buffer } from "node:buffer";
import { z } from "zod";
import { shortHash } from "./hash.ts";

/** The position of a row in an order: the values that it is sorted by. The last one is unique. */
export type Key = readonly (string | number | null)[];

/** A cursor that is malformed or belongs to another list. The caller is shown the message. */
export class CursorRefused extends Error {
  override name = "CursorRefused";
}

/** Parameters that choose how much is returned and in which form, not what. */
const NO_FILTERS = new Set(["cursor", "page", "page_size", "limit", "format"]);
const shape = z.tuple([z.string(), z.array(z.union([z.string(), z.number(), z.null()]))]);

/** Opaque to the caller: a tag of the list with its filters, and the last returned row. */
export function writeCursor(list: string, filters: object, key: Key): string {
  return Buffer.from(new TextEncoder().encode(JSON.stringify([tagOf(list, filters), key]))).toString("base64url");
}

export function readCursor(list: string, filters: object, cursor: string): Key {
  const { data } = shape.safeParse(decode(cursor));
  if (!data) throw new CursorRefused("is not a cursor of this list");
  if (data[0] !== tagOf(list, filters)) {
    throw new CursorRefused("belongs to another list, to other filters or to another order: start without a cursor");
  }
  return data[1];
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return null;
  }
}

function tagOf(list: string, filters: object): string {
  const given = Object.entries(filters).filter(([name, value]) => !NO_FILTERS.has(name) && value !== undefined);
  return shortHash(JSON.stringify([list, given.sort(([left], [right]) => (left < right ? -1 : 1))]));
}
