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

/** What the link carries; it leaves the address bar and the history before anything else happens. */
function takeToken(): string | null {
  const token = location.hash.slice(1);
  if (token !== "") history.replaceState(history.state, "", location.pathname);
  return token.startsWith("mcl_") ? token : null;
}

/** Where a one-time link leads: somebody sets a password, and logs in with it. */
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
      This page needs the link that an admin has given you. If you have opened it before without setting a password,
      open the link again: it is still good.
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
        {isBusy() ? "Setting it…" : "Set the password"}
      </button>
    </form>
  );
}

/** Whoever else is logged in here: the new person logs in next. */
async function leaveOther(): Promise<void> {
  try {
    if (await resume()) await logOutHere();
  } catch {
    // The login page then leads into that session, as it would have anyway.
  }
}

function describe(failure: Failure): string {
  switch (failure.code) {
    case "invalid_credentials":
      return "This link is not good any more: it was used, has expired, or was replaced. Ask your admin for a new one.";
    case "rate_limited":
      return `Too many attempts. Try again in ${duration((failure.retryAfterSec ?? 60) * 1000)}.`;
    case "unreachable":
      return "The controller does not answer. Nothing was changed; try again shortly.";
    default:
      return outcomeOf(failure, "Nothing was changed.");
  }
}
