import { A } from "@solidjs/router";
import { PageHead } from "../ui/page-head.tsx";

export function NotFoundPage() {
  return (
    <>
      <PageHead title="This page does not exist" />
      <div class="panel empty">
        <p>The address may be mistyped, or the page has moved.</p>
        <A class="button" href="/">
          Go to the overview
        </A>
      </div>
    </>
  );
}
