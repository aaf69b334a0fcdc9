import { Show } from "solid-js";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { user as me } from "../session/session.ts";
import { BindingField } from "./binding-field.tsx";
import { mayGive, ROLE_HINTS, ROLE_WORDS, ROLES_OFFERED, type Role } from "./users.ts";

interface AccessFieldsProps {
  role: Role;
  onRole: (role: Role) => void;
  binding: readonly string[] | null;
  onBinding: (organizations: string[] | null) => void;
  ownBinding: readonly string[] | null;
  bindingError?: string | undefined;
}

/** The role of a user, and the organizations it applies to. */
export function AccessFields(props: AccessFieldsProps) {
  const options = () =>
    ROLES_OFFERED.filter(
      (role) => mayGive(me()?.role, role) && (role !== "superadmin" || props.ownBinding === null),
    ).map((role) => ({ value: role, label: ROLE_WORDS[role] }));
  return (
    <>
      <Field label="Role" hint={`${ROLE_HINTS[props.role]}. You cannot grant a role above your own.`}>
        {(control) => <Select {...control} options={options()} value={props.role} onChange={props.onRole} />}
      </Field>
      <Show
        when={props.role !== "superadmin"}
        fallback={<p class="hint">A superadmin has access to all organizations.</p>}
      >
        <BindingField
          value={props.binding}
          own={props.ownBinding}
          onChange={props.onBinding}
          error={props.bindingError}
        />
      </Show>
    </>
  );
}
