import { createSignal } from "solid-js";
import { MAX_PASSWORD_BYTES, MIN_PASSWORD_CHARS } from "../../../../worker/contract/values/limits.ts";
import { Field } from "../../ui/field.tsx";
import { GOOD_LENGTH, lengthOf, lengthWords } from "./password-rules.ts";

interface NewPasswordProps {
  label: string;
  value: string;
  onInput: (password: string) => void;
  error?: string | undefined;
  isFirst?: boolean;
}

/** A new password. The user can show it, so there is no second field to confirm it. */
export function NewPassword(props: NewPasswordProps) {
  const [isShown, setShown] = createSignal(false);
  return (
    <div class="new-password">
      <Field
        label={props.label}
        hint={props.error ? undefined : lengthWords(lengthOf(props.value))}
        error={props.error}
      >
        {(control) => (
          <input
            {...control}
            type={isShown() ? "text" : "password"}
            name="new-password"
            autocomplete="new-password"
            autocapitalize="none"
            spellcheck={false}
            autofocus={props.isFirst ?? false}
            required
            maxlength={MAX_PASSWORD_BYTES}
            value={props.value}
            onInput={(event) => props.onInput(event.currentTarget.value)}
          />
        )}
      </Field>
      <meter
        aria-label="Password length"
        min={0}
        max={GOOD_LENGTH}
        low={MIN_PASSWORD_CHARS}
        high={GOOD_LENGTH - 1}
        optimum={GOOD_LENGTH}
        value={Math.min(lengthOf(props.value), GOOD_LENGTH)}
      />
      <label class="new-password-show">
        <input type="checkbox" checked={isShown()} onChange={(event) => setShown(event.currentTarget.checked)} />
        Show password
      </label>
    </div>
  );
}
