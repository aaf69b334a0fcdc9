import { A, Navigate, useLocation, useNavigate, useSearchParams } from "@solidjs/router";
import { createSignal, onMount, Show } from "solid-js";
import { LoginMessage } from "../features/session/login-message.tsx";
import { safeNext } from "../features/session/next-page.ts";
import { logIn, user } from "../features/session/session.ts";
import { isNewPlace } from "../lib/arrival.ts";
import { controllerNow } from "../lib/controller-time.ts";
import { type Failure, toFailure } from "../lib/failure.ts";
import { setPageTitle } from "../lib/title.ts";
import { BrandMark } from "../ui/icons.tsx";
import { ThemeSwitch } from "../ui/theme-switch.tsx";

export function LoginPage() {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const known = useLocation<{ username?: string }>().state?.username;
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [lockedUntil, setLockedUntil] = createSignal<number | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  const startedWith = user();
  let name: HTMLInputElement | undefined;
  let password: HTMLInputElement | undefined;

  onMount(() => {
    setPageTitle("Log in");
    isNewPlace("/login");
    (known === undefined ? name : password)?.focus();
  });

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy() || !name || !password) return;
    setBusy(true);
    setFailure(null);
    setLockedUntil(null);
    try {
      const next = safeNext(search.next);
      if (await logIn(name.value, password.value)) navigate(next, { replace: true });
      else location.replace(next);
    } catch (error) {
      const reason = toFailure(error);
      setFailure(reason);
      if (reason.code === "rate_limited") setLockedUntil(controllerNow() + (reason.retryAfterSec ?? 60) * 1000);
      password.value = "";
      password.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <Show when={!startedWith} fallback={<Navigate href={safeNext(search.next)} />}>
      <main class="login">
        <form class="login-card" onSubmit={(event) => void submit(event)}>
          <div class="login-head">
            <BrandMark />
            <h1>Log in to Moolai Controller</h1>
          </div>
          <Show when={search.reason === "expired"}>
            <p class="notice" data-tone="info">
              Your session has ended. Log in again and you are back where you were.
            </p>
          </Show>
          <Show when={search.reason === "welcome"}>
            <p class="notice" data-tone="success">
              Your password is set. Log in with it.
            </p>
          </Show>
          <div class="field">
            <label for="username">Name</label>
            <input
              id="username"
              ref={name}
              name="username"
              value={known ?? ""}
              autocomplete="username"
              autocapitalize="none"
              spellcheck={false}
              required
            />
          </div>
          <div class="field">
            <label for="password">Password</label>
            <input
              id="password"
              ref={password}
              name="password"
              type="password"
              autocomplete="current-password"
              required
            />
          </div>
          <LoginMessage failure={failure()} lockedUntil={lockedUntil()} />
          <button class="button" data-kind="primary" type="submit" aria-disabled={isBusy()}>
            {isBusy() ? "Logging in…" : "Log in"}
          </button>
        </form>
        <footer class="login-foot">
          <a href="/docs" rel="external">
            API documentation
          </a>
          <A href={`/wall${search.next ? `?${new URLSearchParams({ next: String(search.next) })}` : ""}`}>
            Connect a wall screen
          </A>
          <ThemeSwitch />
        </footer>
      </main>
    </Show>
  );
}
