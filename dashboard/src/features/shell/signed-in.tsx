import { type RouteSectionProps, useLocation, useNavigate } from "@solidjs/router";
import { createEffect, createSignal, Match, on, onCleanup, onMount, Switch } from "solid-js";
import { api, endedSessions, successor } from "../../lib/api.ts";
import { followAttention } from "../../lib/attendance.ts";
import { type Failure, toFailure } from "../../lib/failure.ts";
import { FleetProvider } from "../../live/provider.tsx";
import { queryClient, refreshOnReturn } from "../../live/query.ts";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { followOtherTabs, forget, loginAddress, resume, user } from "../session/session.ts";
import { SomebodyElse } from "../session/somebody-else.tsx";
import { Shell } from "./shell.tsx";

/** Wraps every page that needs a session: without one it redirects to the login page, which returns here. */
export function SignedIn(props: RouteSectionProps) {
  const navigate = useNavigate();
  const location = useLocation();
  const [failure, setFailure] = createSignal<Failure | null>(null);

  const toLogin = (reason?: "expired") => navigate(loginAddress(location, reason), { replace: true });

  const start = async () => {
    setFailure(null);
    try {
      if (!(await resume())) toLogin();
    } catch (error) {
      setFailure(toFailure(error));
    }
  };

  onMount(() => void start());
  refreshOnReturn();
  onCleanup(followAttention(document, () => void api.GET("/api/v1/internal/auth/me")));
  onCleanup(followOtherTabs());
  // The next user must not see data of this one.
  onCleanup(() => queryClient.clear());
  createEffect(() => successor() !== null && queryClient.clear());
  createEffect(
    on(
      endedSessions,
      () => {
        if (!user() || successor() !== null) return;
        forget();
        toLogin("expired");
      },
      { defer: true },
    ),
  );

  return (
    <Switch>
      <Match when={successor()}>{(name) => <SomebodyElse name={name()} />}</Match>
      <Match when={user()}>
        <FleetProvider>
          <Shell>{props.children}</Shell>
        </FleetProvider>
      </Match>
      <Match when={failure()}>
        {(reason) => (
          <main class="page-center">
            <h1 class="sr-only">Moolai Controller</h1>
            <FailurePanel failure={reason()} onRetry={() => void start()} />
          </main>
        )}
      </Match>
    </Switch>
  );
}
