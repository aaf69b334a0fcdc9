import { onMount } from "solid-js";
import { actingUser } from "../../lib/api.ts";
import { setPageTitle } from "../../lib/title.ts";

/**
 * In place of every page, once another tab has logged in as somebody else. Both ways out load the page anew, so that
 * nothing of the first person is left in it.
 */
export function SomebodyElse(props: { name: string }) {
  let heading: HTMLHeadingElement | undefined;
  onMount(() => {
    setPageTitle("Somebody else has logged in");
    heading?.focus();
  });
  return (
    <main class="page-center">
      <section class="panel empty">
        <h1 ref={heading} tabindex="-1">
          This browser is now logged in as {props.name}
        </h1>
        <p>
          That happened in another tab. What {actingUser()} saw here has been cleared, and nothing unsent will be sent.
        </p>
        <p class="page-ways">
          <button class="button" data-kind="primary" type="button" onClick={() => location.assign("/")}>
            Continue as {props.name}
          </button>
          <button class="button" type="button" onClick={() => location.assign("/login")}>
            Log in as somebody else
          </button>
        </p>
      </section>
    </main>
  );
}
