import { Show } from "solid-js";
import { DIRECTIONS, MESSAGE_SEVERITIES, MESSAGE_TYPES } from "../../../../worker/contract/values/messages.ts";
import { capitalize } from "../../lib/capital.ts";
import { isId } from "../../lib/id.ts";
import { useFleet } from "../../live/context.ts";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { suggestOrganizations, TextFilter } from "../records/text-filter.tsx";
import { isFiltered, type MessageFilter } from "./filter.ts";
import { TYPE_WORDS } from "./place-words.ts";

const TYPE_OPTIONS = [
  { value: "", label: "All types" },
  ...MESSAGE_TYPES.map((value) => ({ value, label: TYPE_WORDS[value] })),
];
const DIRECTION_WORDS = { inbound: "From orchestrators", outbound: "To orchestrators" };
const DIRECTION_OPTIONS = [
  { value: "", label: "Both directions" },
  ...DIRECTIONS.map((value) => ({ value, label: DIRECTION_WORDS[value] })),
];
const SEVERITY_OPTIONS = [
  { value: "", label: "All severities" },
  ...MESSAGE_SEVERITIES.map((value) => ({ value, label: capitalize(value) })),
];

interface FilterBarProps {
  filter: MessageFilter;
  /** The surrounding page determines the organization. */
  isBound: boolean;
  onChange: (change: Partial<MessageFilter>) => void;
  onReset: () => void;
}

export function FilterBar(props: FilterBarProps) {
  const fleet = useFleet();
  const independents = () => fleet.counts().byStatus.independent;
  return (
    <search class="record-filters" aria-label="Filter messages">
      <Select
        aria-label="Type"
        options={TYPE_OPTIONS}
        value={props.filter.type ?? ""}
        onChange={(value) => props.onChange({ type: MESSAGE_TYPES.find((type) => type === value) ?? null })}
      />
      <Select
        aria-label="Direction"
        options={DIRECTION_OPTIONS}
        value={props.filter.direction ?? ""}
        onChange={(value) => props.onChange({ direction: DIRECTIONS.find((known) => known === value) ?? null })}
      />
      <Select
        aria-label="Severity"
        options={SEVERITY_OPTIONS}
        value={props.filter.severity ?? ""}
        onChange={(value) => props.onChange({ severity: MESSAGE_SEVERITIES.find((known) => known === value) ?? null })}
      />
      <Show when={!props.isBound}>
        <TextFilter
          label="Organization"
          placeholder="Organization ID"
          value={props.filter.organizationId}
          problemOf={(text) => (isId(text) ? null : "This is not a valid organization ID.")}
          suggest={suggestOrganizations}
          onChange={(organizationId) => props.onChange({ organizationId })}
        />
      </Show>
      <Show when={independents() > 0 || props.filter.includeIndependent}>
        <Switch
          label="Include independent"
          isOn={props.filter.includeIndependent}
          onChange={(includeIndependent) => props.onChange({ includeIndependent })}
        />
      </Show>
      <Show when={isFiltered(props.isBound ? { ...props.filter, organizationId: "" } : props.filter)}>
        <button class="button" data-kind="quiet" type="button" onClick={() => props.onReset()}>
          Reset filters
        </button>
      </Show>
    </search>
  );
}
