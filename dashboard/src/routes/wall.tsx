import { A, useNavigate, useSearchParams } from "@solidjs/router";
import { createSignal, onMount } from "solid-js";
import { safeNext } from "../features/session/next-page.ts";
import { logInScreen } from "../features/session/session.ts";
import { isNewPlace } from "../lib/arrival.ts";
import { type Failure, toFailure } from "../lib/failure.ts";
import { setPageTitle } from "../lib/title.ts";
import { BrandMark } from "../ui/icons.tsx";
import { Refusal } from "../ui/refusal.tsx";
import { ThemeSwitch } from "../ui/theme-switch.tsx";
import "../features/session/account.css";

/** Takes the token (`#token=mct_…`) out of the address, and removes it from the address bar and the history before anything else. */
function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  if (location.hash !== "") history.replaceState(history.state, "", location.pathname + location.search);
  return token.trim();
}

/** Logs a wall screen in with a read-only token, from the address or typed in. */
export function WallPage() {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const carried = takeToken();
  const [token, setToken] = createSignal(carried);
  const [refusal, setRefusal] = createSignal("");
  const [isBusy, setBusy] = createSignal(false);
  let field: HTMLInputElement | undefined;

  const logIn = async () => {
    if (isBusy()) return;
    if (token().trim() === "") {
      setRefusal("Enter a token.");
      return field?.focus();
    }
    setBusy(true);
    setRefusal("");
    try {
      const next = safeNext(search.next);
      if (await logInScreen(token().trim())) navigate(next, { replace: true });
      else location.replace(next);
    } catch (error) {
      setRefusal(describe(toFailure(error)));
      field?.focus();
    } finally {
      setBusy(false);
    }
  };

  onMount(() => {
    setPageTitle("Connect a wall screen");
    isNewPlace("/wall");
    if (carried === "") field?.focus();
    else void logIn();
  });

  return (
    <main class="login">
      <div class="login-card">
        <div class="login-head">
          <BrandMark />
          <h1>Connect a wall screen</h1>
        </div>
        <p class="muted">
          With a read-only API token, this screen shows the dashboard until the token expires or is revoked. The screen
          cannot change anything.
        </p>
        <form
          class="account-form"
          novalidate
          onSubmit={(event) => {
            event.preventDefault();
            void logIn();
          }}
        >
          <div class="field">
            <label for="screen-token">Read-only token</label>
            <input
              id="screen-token"
              ref={field}
              type="password"
              autocomplete="off"
              spellcheck={false}
              maxlength={512}
              value={token()}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          </div>
          <Refusal text={refusal()} />
          <button class="button" data-kind="primary" type="submit" aria-disabled={isBusy()}>
            {isBusy() ? "Connecting…" : "Connect"}
          </button>
        </form>
      </div>
      <footer class="login-foot">
        <A href="/login">Log in with a password</A>
        <ThemeSwitch />
      </footer>
    </main>
  );
}

function describe({ code, message }: Failure): string {
  if (code === "invalid_credentials") {
    return "This token cannot be used here. It must be valid, have only the Read scope, and have an expiry. Ask an admin for a new one.";
  }
  return `${message.replace(/\.$/, "")}. Try again shortly.`;
}
