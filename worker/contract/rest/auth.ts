import { z } from "zod";
import { role } from "../actor.ts";
import { moment, outcome } from "./common.ts";

export const loginBody = z
  .object({ username: z.string().min(1).max(255), password: z.string().min(1).max(1024) })
  .meta({ id: "Login", description: "Name and password of a user" });

const user = z.object({ username: z.string(), role });

export const loginAnswer = z
  .object({
    ...outcome,
    user: user.extend({
      token: z.string().optional().meta({ description: "Bearer token of the session; browsers get a cookie instead" }),
    }),
    expires_at: moment,
  })
  .meta({ id: "LoginAnswer", description: "The session that was opened" });

export const logoutAnswer = z.object(outcome);

export const meAnswer = z
  .object({
    ...outcome,
    user: user.extend({
      organizations: z.array(z.string()).nullable().meta({ description: "Bound to these only; null: sees all" }),
    }),
    mode: z.enum(["development", "production"]),
  })
  .meta({ id: "Me", description: "Who is calling" });
