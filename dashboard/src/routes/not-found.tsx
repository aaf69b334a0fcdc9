import { A } from "@solidjs/router";
import { onMount } from "solid-js";

export function NotFoundPage() {
  onMount(() => {
    document.title = "Page not found – Moolai Controller";
  });
  return (
    <div class="panel empty">
      <h1>This page does not exist</h1>
      <p>The address may be mistyped, or the page has moved.</p>
      <A class="button" href="/organizations">
        Go to organizations
      </A>
    </div>
  );
}
