import { onMount } from "solid-js";
import { actingUser } from "../../lib/api.ts";
import { setPageTitle } from "../../lib/title.ts";

/**
 * Replaces every page once another tab has logged in as a different user. Both buttons reload the page, so that no data
 * of the first user remains.
 */
export function SomebodyElse(props: { name: string }) {
  let heading: HTMLHeadingElement | undefined;
  onMount(() => {
    setPageTitle("Another user has logged in");
    heading?.focus();
  });
  return (
    <main class="page-center">
      <section class="panel empty">
        <h1 ref={heading} tabindex="-1">
          This browser is now logged in as {props.name}
        </h1>
        <p>
          You logged in as another user in a different tab. The data of {actingUser()} has been cleared from this page,
          and unsent changes are discarded.
        </p>
        <p class="page-ways">
          <button class="button" data-kind="primary" type="button" onClick={() => location.assign("/")}>
            Continue as {props.name}
          </button>
          <button class="button" type="button" onClick={() => location.assign("/login")}>
            Log in as another user
          </button>
        </p>
      </section>
    </main>
  );
}
