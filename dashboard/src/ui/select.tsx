import { For, type JSX, splitProps } from "solid-js";
import { ChevronDown } from "./icons.tsx";

interface SelectProps<T extends string> extends Omit<JSX.SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  options: readonly { value: T; label: string }[];
  value: T;
  onChange: (value: T) => void;
}

/** A native select, which works on every device. */
export function Select<T extends string>(props: SelectProps<T>) {
  const [own, rest] = splitProps(props, ["options", "value", "onChange"]);
  const choose = (chosen: string) => {
    const option = own.options.find(({ value }) => value === chosen);
    if (option) own.onChange(option.value);
  };
  return (
    <span class="select">
      <select {...rest} onChange={(event) => choose(event.currentTarget.value)}>
        <For each={own.options}>
          {(option) => (
            <option value={option.value} selected={option.value === own.value}>
              {option.label}
            </option>
          )}
        </For>
      </select>
      <ChevronDown />
    </span>
  );
}
