import { createMiddleware } from "hono/factory";
import { carriesToken } from "../tokens.ts";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** Addresses are logged on their way here: a credential in one is spent, and nobody may get used to it. */
export const noCredentialsInAddress = createMiddleware<AppEnv>(async (c, next) => {
  if (carriesToken(new URL(c.req.url))) {
    throw new ApiError("unauthorized", "Credentials are not accepted in an address: send the Authorization header");
  }
  await next();
});

/** A parameter given twice is refused: which one counts differs between proxies. */
export const singleParameters = createMiddleware<AppEnv>(async (c, next) => {
  const repeated = Object.entries(c.req.queries()).flatMap(([name, values]) => (values.length > 1 ? [name] : []));
  if (repeated.length > 0) {
    const details = repeated.map((name) => ({ path: `/query/${name}`, code: "repeated", message: "is given twice" }));
    throw new ApiError("validation_failed", "The request is not valid", { details });
  }
  await next();
});
