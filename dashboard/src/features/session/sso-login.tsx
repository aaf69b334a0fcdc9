import { type JSX, Show } from "solid-js";
import type { LoginMethods } from "../../lib/api.ts";

interface SsoLoginProps {
  methods: LoginMethods | null;
  next: string;
  /** The fields for name and password. */
  children: JSX.Element;
}

/** The button of single sign-on, where there is one, above the fields for a password. */
export function SsoLogin(props: SsoLoginProps) {
  return (
    <Show when={props.methods?.sso} fallback={props.children}>
      {(sso) => (
        <>
          {/* A page of the provider comes next: nothing for the router. */}
          <a class="button" data-kind="primary" rel="external" href={startAddress(sso().start, props.next)}>
            {sso().button}
          </a>
          <Show
            when={props.methods?.password === "superadmins"}
            fallback={
              <>
                <p class="login-or">or with a password</p>
                {props.children}
              </>
            }
          >
            <details class="login-password">
              <summary>Log in with a password</summary>
              <div class="login-fields">
                <p class="hint">For emergencies: superadmins alone have one.</p>
                {props.children}
              </div>
            </details>
          </Show>
        </>
      )}
    </Show>
  );
}

function startAddress(start: string, next: string): string {
  return next === "/" ? start : `${start}?${new URLSearchParams({ next })}`;
}
