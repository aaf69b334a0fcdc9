import { z } from "zod";
import { moment, outcome } from "./common.ts";

const username = z.string().max(255).nullable();
const address = z.string().min(1).max(64);

const throttle = z.object({
  username: username.meta({ description: "The locked name; null: every name has to wait at this address" }),
  address: address.meta({ description: "From where; of IPv6 the network" }),
  failures: z.int().meta({ description: "Failed attempts in the last 15 minutes" }),
  until: moment.meta({ description: "When it expires" }),
});

export const loginThrottles = z
  .object({ items: z.array(throttle) })
  .meta({ id: "LoginThrottles", description: "Active login throttles; the longest first" });

export const liftBody = z
  .object({ username, address })
  .meta({ id: "LiftThrottle", description: "A throttle from the list" });

export const liftAnswer = z.object({
  ...outcome,
  failures: z.int().meta({ description: "Failures that were forgotten" }),
});
