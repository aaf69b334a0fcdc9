import { Show } from "solid-js";
import type { LoginMethods } from "../../lib/api.ts";

interface SsoLoginProps {
  methods: LoginMethods;
  next: string;
  /** Whether the password fields are shown where passwords are for emergencies only. */
  isPasswordShown: boolean;
  onPassword: () => void;
}

/** The single sign-on button above the password fields; empty where single sign-on is not configured. */
export function SsoLogin(props: SsoLoginProps) {
  const isForEmergencies = () => props.methods.password === "superadmins";
  return (
    <Show when={props.methods.sso}>
      {(sso) => (
        <>
          {/* The link leaves the dashboard, so the router must not handle it. */}
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
