import { createMemo, Show } from "solid-js";
import { now } from "../../lib/clock.ts";
import type { Failure } from "../../lib/failure.ts";
import { duration } from "../../lib/time.ts";

interface LoginMessageProps {
  failure: Failure | null;
  /** Until when the controller refuses every attempt; null: it accepts attempts. */
  lockedUntil: number | null;
}

/** Why the login failed, without revealing which of the two fields was wrong. */
export function LoginMessage(props: LoginMessageProps) {
  const leftMs = createMemo(() => Math.max(0, (props.lockedUntil ?? 0) - now()));
  return (
    <div role="alert">
      <Show when={props.failure}>
        {(failure) => (
          <p class="notice" data-tone="danger">
            <span>
              {describe(failure())}
              <Show when={props.lockedUntil !== null}>
                {/* A screen reader would otherwise announce every second. */}
                <span aria-live="off">
                  {leftMs() > 0
                    ? ` Try again in ${duration(Math.ceil(leftMs() / 1000) * 1000)}.`
                    : " You can try again now."}
                </span>
              </Show>
            </span>
          </p>
        )}
      </Show>
    </div>
  );
}

function describe(failure: Failure): string {
  switch (failure.code) {
    case "invalid_credentials":
      return "Wrong name or password.";
    case "rate_limited":
      return "Too many failed attempts.";
    case "unreachable":
      return "The controller is not responding. Check your connection and try again.";
    default:
      return `${failure.message}. Try again shortly.`;
  }
}
