import { A, Navigate, useLocation, useNavigate, useSearchParams } from "@solidjs/router";
import { createSignal, onMount, Show } from "solid-js";
import { LoginMessage } from "../features/session/login-message.tsx";
import { safeNext } from "../features/session/next-page.ts";
import { logIn, takeUp, user } from "../features/session/session.ts";
import { SsoLogin } from "../features/session/sso-login.tsx";
import { api, ask, type LoginMethods } from "../lib/api.ts";
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
  const [refusal, setRefusal] = createSignal<string | null>(null);
  const [methods, setMethods] = createSignal<LoginMethods | null>(null);
  const [isPasswordShown, setPasswordShown] = createSignal(false);
  const isForEmergencies = () => methods()?.sso != null && methods()?.password === "superadmins";
  const startedWith = user();
  let name: HTMLInputElement | undefined;
  let password: HTMLInputElement | undefined;

  onMount(() => {
    setPageTitle("Log in");
    isNewPlace("/login");
    if (search.signed_in !== undefined) void finish();
    if (search.error !== undefined) void explain(search.error);
    (known === undefined ? name : password)?.focus();
    void readMethods();
  });

  /** If the request fails, the password fields remain; submitting them shows the reason. */
  const readMethods = async () => {
    const known = await ask(api.GET("/api/v1/internal/auth/methods")).catch(() => null);
    if (name?.value || password?.value) setPasswordShown(true);
    setMethods(known);
  };

  const showPassword = () => {
    setPasswordShown(true);
    name?.focus();
  };

  /** Explains why single sign-on returned without a session. Few visitors need these sentences, so they load on demand. */
  const explain = async (code: unknown) => {
    const { ssoSentence } = await import("../features/session/sso-words.ts");
    setRefusal(ssoSentence(code));
  };

  /** Completes a single sign-on that returned with a session. */
  const finish = async () => {
    setBusy(true);
    try {
      if (await takeUp()) return navigate(safeNext(search.next), { replace: true });
      setRefusal("Your browser did not keep the session. Allow cookies for this site and try again.");
    } catch (error) {
      setFailure(toFailure(error));
    } finally {
      setBusy(false);
    }
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy() || !name || !password) return;
    setBusy(true);
    setFailure(null);
    setRefusal(null);
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
              Your session has ended. Log in again to return to where you were.
            </p>
          </Show>
          <Show when={search.reason === "welcome"}>
            <p class="notice" data-tone="success">
              Your password is set. You can log in now.
            </p>
          </Show>
          <Show when={search.reason === "only-here"}>
            <p class="notice" data-tone="info">
              You are logged out of this controller, but still logged in at the identity provider. On a shared computer,
              log out there too.
            </p>
          </Show>
          <div role="alert">
            <Show when={refusal()}>
              {(sentence) => (
                <p class="notice" data-tone="danger">
                  {sentence()}
                </p>
              )}
            </Show>
          </div>
          <Show when={methods()}>
            {(known) => (
              <SsoLogin
                methods={known()}
                next={safeNext(search.next)}
                isPasswordShown={isPasswordShown()}
                onPassword={showPassword}
              />
            )}
          </Show>
          {/* Always the same fields: the user may start typing before the login methods are loaded. */}
          <div class="login-fields" hidden={isForEmergencies() && !isPasswordShown()}>
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
            <button
              class="button"
              data-kind={methods()?.sso ? undefined : "primary"}
              type="submit"
              aria-disabled={isBusy()}
            >
              {isBusy() ? "Logging in…" : "Log in"}
            </button>
          </div>
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
