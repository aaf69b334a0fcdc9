import { A, useNavigate } from "@solidjs/router";
import { createSignal, type JSX, Show } from "solid-js";
import { logOut, user } from "../features/session/session.ts";
import { isDevelopment } from "../lib/api.ts";
import { toFailure } from "../lib/failure.ts";
import { BrandMark, Door } from "./icons.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

/** What surrounds every page behind the login. */
export function Shell(props: { children: JSX.Element }) {
  const navigate = useNavigate();
  const [message, setMessage] = createSignal("");

  const leave = async () => {
    try {
      await logOut();
      navigate("/login");
    } catch (error) {
      setMessage(`You are still logged in: ${toFailure(error).message}. Try again.`);
    }
  };

  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Show when={isDevelopment()}>
        <aside class="mode" aria-label="Mode of the controller">
          <strong>Development mode:</strong> known passwords and tokens work.
        </aside>
      </Show>
      <header class="topbar">
        <A class="brand" href="/organizations">
          <BrandMark />
          <span>Moolai Controller</span>
        </A>
        <nav aria-label="Main">
          <A href="/organizations">Organizations</A>
          <a href="/docs" rel="external">
            API
          </a>
        </nav>
        <div class="topbar-end">
          <ThemeSwitch />
          <span class="who" title={`Role: ${user()?.role ?? "none"}`}>
            {user()?.username}
          </span>
          <button class="button log-out" data-kind="quiet" type="button" onClick={() => void leave()}>
            <Door />
            <span class="wide-only">Log out</span>
          </button>
        </div>
      </header>
      <main id="main" tabindex="-1">
        <div role="alert">
          <Show when={message()}>
            <p class="notice" data-tone="danger">
              {message()}
            </p>
          </Show>
        </div>
        {props.children}
      </main>
    </>
  );
}
