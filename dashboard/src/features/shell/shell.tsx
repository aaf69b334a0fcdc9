import { useNavigate } from "@solidjs/router";
import { type JSX, Show, Suspense } from "solid-js";
import { isDevelopment } from "../../lib/api.ts";
import { listenForCommands, useCommands } from "../../lib/commands.ts";
import { announcement } from "../../ui/announce.ts";
import { Toasts } from "../../ui/toast.tsx";
import { PLACES } from "./navigation.ts";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";
import "../../styles/app.css";

/** What surrounds every page behind the login. */
export function Shell(props: { children: JSX.Element }) {
  const navigate = useNavigate();
  listenForCommands();
  useCommands(() =>
    PLACES.filter((place) => !place.isExternal).map((place) => ({
      id: `go:${place.href}`,
      title: `Go to ${place.title}`,
      group: "Pages",
      ...(place.keys && { keys: place.keys }),
      run: () => navigate(place.href),
    })),
  );

  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Show when={isDevelopment()}>
        <aside class="mode" aria-label="Mode of the controller">
          <strong>Development mode:</strong> known passwords and tokens work.
        </aside>
      </Show>
      <TopBar />
      <Rail />
      <main id="main" tabindex="-1">
        <Suspense>{props.children}</Suspense>
      </main>
      <Toasts />
      <p class="sr-only" role="status" aria-live="polite">
        {announcement()}
      </p>
    </div>
  );
}
