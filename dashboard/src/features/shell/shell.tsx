import { useNavigate } from "@solidjs/router";
import { createSignal, type JSX, lazy, Show, Suspense } from "solid-js";
import { isDevelopment } from "../../lib/api.ts";
import { listenForCommands } from "../../lib/commands.ts";
import { toFailure } from "../../lib/failure.ts";
import { announcement } from "../../ui/announce.ts";
import { notify, Toasts } from "../../ui/toast.tsx";
import { useAnnouncements } from "../notifications/announcements.ts";
import { useAttention } from "../notifications/attention.ts";
import { useFavicon } from "../notifications/favicon.ts";
import { logOut } from "../session/session.ts";
import { ClockNotice } from "./clock-notice.tsx";
import { useGlobalCommands } from "./global-commands.ts";
import { keepFocus } from "./keep-focus.ts";
import { LiveNotice } from "./live-notice.tsx";
import { PageBoundary } from "./page-boundary.tsx";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";
import "../../styles/app.css";

const Palette = lazy(async () => ({ default: (await import("../palette/palette.tsx")).Palette }));
const HelpDialog = lazy(async () => ({ default: (await import("../help/help-dialog.tsx")).HelpDialog }));

/** The frame around every page behind the login. */
export function Shell(props: { children: JSX.Element }) {
  const navigate = useNavigate();
  const [opened, setOpened] = createSignal<"palette" | "help" | null>(null);
  const close = () => setOpened(null);

  const leave = async () => {
    try {
      const page = await logOut();
      if (page !== null) navigate(page);
    } catch (error) {
      notify({ tone: "danger", text: `You are still logged in: ${toFailure(error).message}. Try again.` });
    }
  };
  const actions = {
    openPalette: () => setOpened("palette"),
    openHelp: () => setOpened("help"),
    logOut: () => void leave(),
  };

  listenForCommands();
  keepFocus();
  useGlobalCommands(actions);
  useAttention();
  useFavicon();
  useAnnouncements();

  return (
    <div class="shell">
      {/* With a target, so that the browser handles the link and moves the focus. */}
      <a class="skip" href="#main" target="_self">
        Skip to content
      </a>
      <Show when={isDevelopment()}>
        <aside class="mode" aria-label="Controller mode">
          <strong>Development mode:</strong> default passwords and tokens are accepted.
        </aside>
      </Show>
      <TopBar actions={actions} />
      <Rail />
      <main id="main" tabindex="-1">
        <ClockNotice />
        <LiveNotice />
        <PageBoundary>{props.children}</PageBoundary>
      </main>
      <Toasts />
      <Suspense>
        <Show when={opened() === "palette"}>
          <Palette onClose={close} />
        </Show>
        <Show when={opened() === "help"}>
          <HelpDialog onClose={close} />
        </Show>
      </Suspense>
      <p class="sr-only" role="status" aria-live="polite">
        {announcement()}
      </p>
    </div>
  );
}
