import { createEffect, createSignal, createUniqueId, For, on, onCleanup, Show } from "solid-js";
import { MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { api, ask } from "../../lib/api.ts";

interface TextFilterProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
  /** Why a text is not valid, or null. An invalid text does not change the filter. */
  problemOf?: (text: string) => string | null;
  /** Suggestions for the text typed so far. */
  suggest?: (typed: string, signal: AbortSignal) => Promise<string[]>;
  type?: "text" | "search";
  ref?: (input: HTMLInputElement) => void;
}

const PAUSE_MS = 300;

/** A text to filter by. It takes effect when the user pauses, and otherwise follows the address. */
export function TextFilter(props: TextFilterProps) {
  const id = createUniqueId();
  const [problem, setProblem] = createSignal<string | null>(null);
  const [suggestions, setSuggestions] = createSignal<readonly string[]>([]);
  let box: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = new AbortController();
  onCleanup(() => {
    clearTimeout(timer);
    asking.abort();
  });

  const settle = async (text: string) => {
    const found = text === "" ? null : (props.problemOf?.(text) ?? null);
    setProblem(found);
    if (found === null && text !== props.value) props.onChange(text);
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const list = await props.suggest?.(text, signal).catch(() => []);
    if (list && !signal.aborted) setSuggestions(list);
  };
  const typed = (text: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => void settle(text.trim()), PAUSE_MS);
  };
  // Follows Back, Reset and shared links, but never overwrites text that is being typed.
  createEffect(
    on(
      () => props.value,
      (value) => {
        if (!box || box.value.trim() === value || (box === document.activeElement && value !== "")) return;
        box.value = value;
        setProblem(null);
      },
    ),
  );
  const attach = (element: HTMLInputElement) => {
    box = element;
    props.ref?.(element);
  };

  return (
    <span class="text-filter">
      <input
        ref={attach}
        type={props.type ?? "search"}
        aria-label={props.label}
        aria-invalid={problem() !== null}
        aria-describedby={problem() === null ? undefined : `${id}-problem`}
        placeholder={props.placeholder}
        maxlength={MAX_NAME_CHARS}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        list={props.suggest ? `${id}-list` : undefined}
        onFocus={() => props.suggest && suggestions().length === 0 && typed(box?.value ?? "")}
        onInput={(event) => typed(event.currentTarget.value)}
        onChange={(event) => {
          clearTimeout(timer);
          void settle(event.currentTarget.value.trim());
        }}
      />
      <Show when={props.suggest}>
        <datalist id={`${id}-list`}>
          <For each={suggestions()}>{(value) => <option value={value} />}</For>
        </datalist>
      </Show>
      <Show when={problem()}>
        <span class="field-error" id={`${id}-problem`} role="alert">
          {problem()}
        </span>
      </Show>
    </span>
  );
}

/** Organizations whose ID or name contains the text. */
export async function suggestOrganizations(q: string, signal: AbortSignal): Promise<string[]> {
  const query = { page: 1, page_size: 20, ...(q && { q }) };
  const { data } = await ask(api.GET("/api/v1/controller/organizations", { params: { query }, signal }));
  return data.items.map((item) => item.organization_id);
}

/** Orchestrators whose ID or name contains the text. */
export async function suggestOrchestrators(q: string, signal: AbortSignal): Promise<string[]> {
  const query = { page: 1, page_size: 20, ...(q && { q }) };
  const { data } = await ask(api.GET("/api/v1/controller/orchestrators", { params: { query }, signal }));
  return data.items.map((item) => item.orchestrator_id);
}
