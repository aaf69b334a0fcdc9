import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** A parameter given twice is refused: which one counts differs between proxies. */
export const singleParameters = createMiddleware<AppEnv>(async (c, next) => {
  const repeated = Object.entries(c.req.queries()).flatMap(([name, values]) => (values.length > 1 ? [name] : []));
  if (repeated.length > 0) {
    const details = repeated.map((name) => ({ path: `/query/${name}`, code: "repeated", message: "is given twice" }));
    throw new ApiError("validation_failed", "The request is not valid", { details });
  }
  await next();
});
