import { z } from "zod";
import { moment, outcome } from "./common.ts";

const username = z.string().max(255).nullable();
const address = z.string().min(1).max(64);

const throttle = z.object({
  username: username.meta({ description: "Who is locked out; null: any name has to wait for its turn there" }),
  address: address.meta({ description: "From where; of IPv6 the network" }),
  failures: z.int().meta({ description: "Failed attempts in the last 15 minutes" }),
  until: moment.meta({ description: "When it ends by itself" }),
});

export const loginThrottles = z
  .object({ items: z.array(throttle) })
  .meta({ id: "LoginThrottles", description: "Who cannot log in at the moment; those that last longest first" });

export const liftBody = z
  .object({ username, address })
  .meta({ id: "LiftThrottle", description: "A throttle as it is listed" });

export const liftAnswer = z.object({
  ...outcome,
  failures: z.int().meta({ description: "Failures that were forgotten" }),
});
