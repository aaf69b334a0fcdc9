import { toFailure } from "../../lib/failure.ts";
import { notify } from "../../ui/toast.tsx";

/** A change that the controller has accepted and will finish is no failure: told, and false. */
export async function acceptLate(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (!toFailure(error).isAccepted) throw error;
    notify({ tone: "warning", text: "Accepted. It is finished as soon as the database answers again." });
    return false;
  }
}
