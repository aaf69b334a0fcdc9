import { A, useNavigate } from "@solidjs/router";
import { createSignal, onMount } from "solid-js";
import { displayName } from "../../../../common/text.ts";
import type { Organization } from "../../lib/api.ts";
import { rescueFocus } from "../../lib/focus.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Field } from "../../ui/field.tsx";
import { PageHead } from "../../ui/page-head.tsx";

/** The page for an ID that does not exist, or that the user has no access to. */
export function Missing(props: { id: string }) {
  const navigate = useNavigate();
  const [text, setText] = createSignal("");
  const search = (event: SubmitEvent) => {
    event.preventDefault();
    navigate(`/organizations?q=${encodeURIComponent(text().trim())}`);
  };
  return (
    <>
      <PageHead title="Organization not found" />
      <EmptyState
        kind="no-match"
        title={`No organization ${props.id}`}
        text="The ID may be wrong, the organization may have been deleted, or you may not have access to it."
        action={
          <form class="org-search" onSubmit={search}>
            <Field label="Search organizations">
              {(control) => (
                <input {...control} type="search" onInput={(event) => setText(event.currentTarget.value)} />
              )}
            </Field>
            <button class="button" data-kind="primary" type="submit">
              Search
            </button>
          </form>
        }
      />
    </>
  );
}

/** The page of an organization that was deleted while it was open. */
export function Gone(props: { organization: Organization }) {
  let heading: HTMLHeadingElement | undefined;
  // The focused element disappeared with the page. Focus elsewhere, for example in the navigation, stays.
  onMount(() => rescueFocus(() => heading?.focus({ preventScroll: true })));
  return (
    <>
      <PageHead title={displayName(props.organization.name, props.organization.organization_id)} />
      <EmptyState
        kind="nothing-yet"
        title={`${props.organization.organization_id} was deleted`}
        headingRef={(element) => {
          heading = element;
        }}
        text="Its orchestrators were deregistered and its messages deleted. Its history is kept in the audit log."
        action={
          <p class="org-ways">
            <A class="button" data-kind="primary" href="/organizations">
              All organizations
            </A>
            <A class="button" href={`/audit?organization_id=${encodeURIComponent(props.organization.organization_id)}`}>
              View audit log
            </A>
          </p>
        }
      />
    </>
  );
}
