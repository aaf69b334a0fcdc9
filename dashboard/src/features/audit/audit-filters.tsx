import { createMemo, Show } from "solid-js";
import { isId } from "../../lib/id.ts";
import { formatCount } from "../../lib/numbers.ts";
import { zone } from "../../lib/preferences.ts";
import { Select } from "../../ui/select.tsx";
import { suggestOrganizations, TextFilter } from "../records/text-filter.tsx";
import type { Audit } from "./audit-model.ts";
import { type AuditFilter, fromInput, isFiltered, problemOf, RANGES, type Range, toInput } from "./filter.ts";

const RANGE_WORDS: Record<Range, string> = {
  all: "Any time",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  custom: "Custom range",
};
const RANGE_OPTIONS = RANGES.map((value) => ({ value, label: RANGE_WORDS[value] }));

interface AuditFiltersProps {
  filter: AuditFilter;
  facets: Audit["facets"];
  onChange: (change: Partial<AuditFilter>) => void;
  onReset: () => void;
  ref: (input: HTMLInputElement) => void;
}

export function AuditFilters(props: AuditFiltersProps) {
  /** The actions and their groups: `auth` stands for `auth.login` and the like. */
  const actions = createMemo(() => {
    const found = props.facets.data?.actions ?? [];
    const groups = new Map<string, number>();
    for (const { value, count } of found) {
      const group = value.slice(0, value.indexOf("."));
      if (group !== "") groups.set(group, (groups.get(group) ?? 0) + count);
    }
    const options = [...groups]
      .sort(([one], [other]) => one.localeCompare(other))
      .flatMap(([group, count]) => [
        { value: group, label: `All ${group} (${formatCount(count)})` },
        ...found
          .filter(({ value }) => value.startsWith(`${group}.`))
          .map(({ value, count }) => ({ value, label: `${value} (${formatCount(count)})` })),
      ]);
    const { action } = props.filter;
    // The action in the address stays selectable even when it has no entries now.
    if (action !== "" && !options.some(({ value }) => value === action)) options.push({ value: action, label: action });
    return [{ value: "", label: "All actions" }, ...options];
  });
  // The field itself works in local time; only UTC needs to be named.
  const zoneWord = () => (zone() === "utc" ? " (UTC)" : "");
  const suggestActors = async (typed: string) =>
    (props.facets.data?.actors ?? []).map(({ value }) => value).filter((actor) => actor.includes(typed));

  return (
    <>
      <search class="record-filters" aria-label="Filter the audit log">
        <TextFilter
          label="Search"
          placeholder="Search"
          value={props.filter.q}
          ref={props.ref}
          onChange={(q) => props.onChange({ q })}
        />
        <TextFilter
          label="Actor"
          placeholder="Actor, e.g. user:ada"
          value={props.filter.actor}
          suggest={suggestActors}
          onChange={(actor) => props.onChange({ actor })}
        />
        <Select
          aria-label="Action"
          options={actions()}
          value={props.filter.action}
          onChange={(action) => props.onChange({ action })}
        />
        <TextFilter
          label="Target"
          placeholder="Target ID (exact)"
          value={props.filter.target}
          onChange={(target) => props.onChange({ target })}
        />
        <TextFilter
          label="Organization"
          placeholder="Organization ID"
          value={props.filter.organization}
          problemOf={(text) => (isId(text) ? null : "This is not a valid organization ID.")}
          suggest={suggestOrganizations}
          onChange={(organization) => props.onChange({ organization })}
        />
        <Select
          aria-label="Time"
          options={RANGE_OPTIONS}
          value={props.filter.range}
          onChange={(range) => props.onChange({ range })}
        />
        <Show when={props.filter.range === "custom"}>
          <label class="audit-moment">
            From{zoneWord()}
            <input
              type="datetime-local"
              value={toInput(props.filter.from, zone())}
              onChange={(event) => props.onChange({ from: fromInput(event.currentTarget.value, zone()) })}
            />
          </label>
          <label class="audit-moment">
            To{zoneWord()}
            <input
              type="datetime-local"
              value={toInput(props.filter.to, zone())}
              onChange={(event) => props.onChange({ to: fromInput(event.currentTarget.value, zone()) })}
            />
          </label>
        </Show>
        <Show when={isFiltered(props.filter)}>
          <button class="button" data-kind="quiet" type="button" onClick={() => props.onReset()}>
            Reset filters
          </button>
        </Show>
      </search>
      <div role="alert">
        <Show when={problemOf(props.filter)}>
          {(problem) => (
            <p class="notice" data-tone="warning">
              {problem()}
            </p>
          )}
        </Show>
      </div>
    </>
  );
}
