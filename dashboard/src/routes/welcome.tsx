import { A, useNavigate } from "@solidjs/router";
import { createSignal, onMount, Show } from "solid-js";
import { NewPassword } from "../features/session/new-password.tsx";
import { passwordProblem } from "../features/session/password-rules.ts";
import { logOutHere, resume } from "../features/session/session.ts";
import { api, ask } from "../lib/api.ts";
import { isNewPlace } from "../lib/arrival.ts";
import { type Failure, outcomeOf, toFailure } from "../lib/failure.ts";
import { duration } from "../lib/time.ts";
import { setPageTitle } from "../lib/title.ts";
import { BrandMark } from "../ui/icons.tsx";
import { Refusal } from "../ui/refusal.tsx";
import { ThemeSwitch } from "../ui/theme-switch.tsx";
import "../features/session/account.css";

/** Takes the token out of the link, and removes it from the address bar and the history before anything else. */
function takeToken(): string | null {
  const token = location.hash.slice(1);
  if (token !== "") history.replaceState(history.state, "", location.pathname);
  return token.startsWith("mcl_") ? token : null;
}

/** The page of a one-time link: the user sets a password, then logs in with it. */
export function WelcomePage() {
  const token = takeToken();
  let heading: HTMLHeadingElement | undefined;
  onMount(() => {
    setPageTitle("Set your password");
    isNewPlace("/welcome");
    if (token === null) heading?.focus();
  });
  return (
    <main class="login">
      <div class="login-card">
        <div class="login-head">
          <BrandMark />
          <h1 ref={heading} tabindex="-1">
            Set your password
          </h1>
        </div>
        <Show when={token} fallback={<NoToken />}>
          {(known) => <Form token={known()} />}
        </Show>
      </div>
      <footer class="login-foot">
        <A href="/login">Log in</A>
        <ThemeSwitch />
      </footer>
    </main>
  );
}

function NoToken() {
  return (
    <p class="muted">
      To set a password, open the link that an admin gave you. If you opened it before without setting a password, open
      it again: it is still valid.
    </p>
  );
}

function Form(props: { token: string }) {
  const navigate = useNavigate();
  const [password, setPassword] = createSignal("");
  const [refusal, setRefusal] = createSignal("");
  const [isTried, setTried] = createSignal(false);
  const [isBusy, setBusy] = createSignal(false);
  let form: HTMLFormElement | undefined;
  const focusField = () => form?.querySelector<HTMLInputElement>("[name=new-password]")?.focus();
  onMount(focusField);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy()) return;
    setTried(true);
    if (passwordProblem(password())) return focusField();
    setBusy(true);
    setRefusal("");
    try {
      const body = { token: props.token, password: password() };
      const { user } = await ask(api.POST("/api/v1/internal/auth/accept-link", { body }));
      await leaveOther();
      navigate("/login?reason=welcome", { replace: true, state: { username: user.username } });
    } catch (error) {
      setRefusal(describe(toFailure(error)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form ref={form} class="account-form" novalidate onSubmit={(event) => void submit(event)}>
      <NewPassword
        label="Password"
        value={password()}
        onInput={setPassword}
        error={(isTried() && passwordProblem(password())) || undefined}
      />
      <Refusal text={refusal()} />
      <button class="button" data-kind="primary" type="submit" aria-disabled={isBusy()}>
        {isBusy() ? "Setting…" : "Set password"}
      </button>
    </form>
  );
}

/** Logs out whoever is logged in here, because the new user logs in next. */
async function leaveOther(): Promise<void> {
  try {
    if (await resume()) await logOutHere();
  } catch {
    // Then the login page leads into the existing session.
  }
}

function describe(failure: Failure): string {
  switch (failure.code) {
    case "invalid_credentials":
      return "This link is no longer valid: it was used, has expired or was replaced. Ask your admin for a new one.";
    case "rate_limited":
      return `Too many attempts. Try again in ${duration((failure.retryAfterSec ?? 60) * 1000)}.`;
    case "unreachable":
      return "The controller is not responding. Your password was not set. Try again shortly.";
    default:
      return outcomeOf(failure, "Your password was not set.");
  }
}
