import { z } from "zod";
import { orchestratorId } from "../ids.ts";
import { status } from "../presence.ts";
import { maybeMoment, outcome } from "./common.ts";

export const independenceBody = z
  .object({
    is_independent: z.boolean(),
    privacy_mode: z.boolean().optional().meta({ description: "Absent: unchanged" }),
  })
  .meta({ id: "Independence", description: "Independence mode and privacy mode of one orchestrator" });

export const independenceAnswer = z
  .object({
    ...outcome,
    orchestrator_id: orchestratorId,
    is_independent: z.boolean(),
    privacy_mode: z.boolean(),
    status,
    last_seen: maybeMoment.meta({ description: "Frozen while independent" }),
  })
  .meta({ id: "IndependenceAnswer", description: "The independence mode in force" });
