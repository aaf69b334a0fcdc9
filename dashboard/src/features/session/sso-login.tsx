import { Show } from "solid-js";
import type { LoginMethods } from "../../lib/api.ts";

interface SsoLoginProps {
  methods: LoginMethods;
  next: string;
  /** Whether the fields for a password are shown, where they are for emergencies. */
  isPasswordShown: boolean;
  onPassword: () => void;
}

/** The button of single sign-on, above the fields for a password; nothing where it is not set up. */
export function SsoLogin(props: SsoLoginProps) {
  const isForEmergencies = () => props.methods.password === "superadmins";
  return (
    <Show when={props.methods.sso}>
      {(sso) => (
        <>
          {/* A page of the provider comes next: nothing for the router. */}
          <a class="button" data-kind="primary" rel="external" href={startAddress(sso().start, props.next)}>
            {sso().button}
          </a>
          <Show when={!isForEmergencies() || props.isPasswordShown}>
            <p class="login-or">{isForEmergencies() ? "or, in an emergency, with a password" : "or with a password"}</p>
          </Show>
          <Show when={isForEmergencies() && !props.isPasswordShown}>
            <button class="button" data-kind="quiet" type="button" onClick={() => props.onPassword()}>
              Use a password instead
            </button>
          </Show>
        </>
      )}
    </Show>
  );
}

function startAddress(start: string, next: string): string {
  return next === "/" ? start : `${start}?${new URLSearchParams({ next })}`;
}
