import { A } from "@solidjs/router";
import { PageHead } from "../ui/page-head.tsx";

export function NotFoundPage() {
  return (
    <>
      <PageHead title="Page not found" />
      <div class="panel empty">
        <p>Check the address, or go to the overview.</p>
        <A class="button" href="/">
          Go to overview
        </A>
      </div>
    </>
  );
}
