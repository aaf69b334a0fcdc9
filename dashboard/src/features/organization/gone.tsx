import { A, useNavigate } from "@solidjs/router";
import { createSignal, onMount } from "solid-js";
import { displayName } from "../../../../common/text.ts";
import type { Organization } from "../../lib/api.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Field } from "../../ui/field.tsx";
import { PageHead } from "../../ui/page-head.tsx";

/** Nobody has an organization of that id, or not this person. */
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
        title={`There is no organization ${props.id}`}
        text="The id may be mistyped, the organization may have been deleted, or it is not yours to see."
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

/** It was there when the page was opened. */
export function Gone(props: { organization: Organization }) {
  let heading: HTMLHeadingElement | undefined;
  // What had the focus went with the page. Who is elsewhere, for example in the navigation, stays there.
  onMount(() => document.activeElement === document.body && heading?.focus({ preventScroll: true }));
  return (
    <>
      <PageHead title={displayName(props.organization.name, props.organization.organization_id)} />
      <EmptyState
        kind="nothing-yet"
        title={`${props.organization.organization_id} was deleted`}
        headingRef={(element) => {
          heading = element;
        }}
        text="Its orchestrators are deregistered and its messages are gone. What happened to it stays in the audit."
        action={
          <p class="org-ways">
            <A class="button" data-kind="primary" href="/organizations">
              All organizations
            </A>
            <A class="button" href={`/audit?organization_id=${encodeURIComponent(props.organization.organization_id)}`}>
              Its audit
            </A>
          </p>
        }
      />
    </>
  );
}
