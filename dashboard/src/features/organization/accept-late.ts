import { toFailure } from "../../lib/failure.ts";
import { notify } from "../../ui/toast.tsx";

/** Resolves false, with a notification, for a change that the controller has accepted and will complete later. */
export async function acceptLate(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (!toFailure(error).isAccepted) throw error;
    notify({ tone: "warning", text: "Accepted. It completes when the database is available again." });
    return false;
  }
}
