import type { TypedResponse } from "hono";
import type { JSONParsed } from "hono/utils/types";
import type { AppContext } from "../middleware/app-env.ts";

type Success<Fields> = Response & TypedResponse<JSONParsed<{ success: true; message: string } & Fields>, 200, "json">;

/** Answers 200 with the keys that every success has, and with `fields` beside them. */
export function success<Fields extends object>(c: AppContext, message: string, fields: Fields): Success<Fields> {
  return c.json({ success: true, message, ...fields }, 200) as unknown as Success<Fields>;
}
