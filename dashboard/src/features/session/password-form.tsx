import { createSignal, Show } from "solid-js";
import { api, ask, noteEndedSession } from "../../lib/api.ts";
import { type Failure, outcomeOf, toFailure } from "../../lib/failure.ts";
import { plural } from "../../lib/numbers.ts";
import { duration } from "../../lib/time.ts";
import { Field } from "../../ui/field.tsx";
import { Refusal } from "../../ui/refusal.tsx";
import { notify } from "../../ui/toast.tsx";
import { NewPassword } from "./new-password.tsx";
import { passwordProblem } from "./password-rules.ts";
import { mayAdminister, user } from "./session.ts";
import "./account.css";

/** Changes the password of the current user. */
export function PasswordForm() {
  const [wanted, setWanted] = createSignal("");
  const [problem, setProblem] = createSignal("");
  const [isTried, setTried] = createSignal(false);
  const [endsTokens, setEndsTokens] = createSignal(true);
  const [isBusy, setBusy] = createSignal(false);
  let current: HTMLInputElement | undefined;

  const refuse = (failure: Failure) => {
    if (failure.code === "unauthorized") return noteEndedSession();
    setProblem(describe(failure));
    if (!current || failure.code !== "invalid_credentials") return;
    current.value = "";
    current.focus();
  };
  const submit = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (isBusy() || !current) return;
    setTried(true);
    setProblem("");
    if (current.value === "") {
      setProblem("Enter your current password.");
      return current.focus();
    }
    if (passwordProblem(wanted())) return form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    setBusy(true);
    try {
      const body = { current: current.value, new: wanted(), end_tokens: endsTokens() };
      const { ended, ended_tokens: tokens } = await ask(api.PUT("/api/v1/internal/auth/password", { body }));
      notify({
        tone: "success",
        text: `Password changed${endedWords(ended, tokens)}`,
      });
      current.value = "";
      setWanted("");
      setTried(false);
    } catch (error) {
      refuse(toFailure(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="account-form" novalidate onSubmit={(event) => void submit(event)}>
      {/* For password managers. */}
      <input hidden type="text" autocomplete="username" readonly value={user()?.username ?? ""} />
      <Field label="Current password">
        {(control) => (
          <input {...control} ref={current} type="password" autocomplete="current-password" required maxlength={256} />
        )}
      </Field>
      <NewPassword
        label="New password"
        value={wanted()}
        onInput={setWanted}
        error={(isTried() && passwordProblem(wanted())) || undefined}
      />
      <Show when={mayAdminister()}>
        <label class="password-ends">
          <input
            type="checkbox"
            checked={endsTokens()}
            onChange={(event) => setEndsTokens(event.currentTarget.checked)}
          />
          Also revoke the API tokens, join tokens and links that I created. Programs and wall screens that use them stop
          working.
        </label>
      </Show>
      <Refusal text={problem()} />
      <button class="button" type="submit" aria-disabled={isBusy()}>
        {isBusy() ? "Changing…" : "Change password"}
      </button>
    </form>
  );
}

function endedWords(sessions: number, tokens: number): string {
  const ended = [sessions > 0 && plural(sessions, "other session"), tokens > 0 && plural(tokens, "token")].filter(
    Boolean,
  );
  return ended.length > 0 ? `. Ended: ${ended.join(", ")}.` : "";
}

function describe(failure: Failure): string {
  const { code, retryAfterSec } = failure;
  if (code === "invalid_credentials") return "The current password is wrong. Your password was not changed.";
  if (code === "rate_limited") return `Too many attempts. Try again in ${duration((retryAfterSec ?? 60) * 1000)}.`;
  return outcomeOf(failure, "Your password was not changed.");
}
