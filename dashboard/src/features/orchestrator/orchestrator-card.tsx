import { createMemo, Match, Show, Switch } from "solid-js";
import { api, ask } from "../../lib/api.ts";
import { clockWords, isClockOff } from "../../lib/time.ts";
import { useList } from "../../live/query.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { Name } from "../../ui/name.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { StatusBadge } from "../../ui/status-badge.tsx";
import { followBeats } from "./heartbeat/follow.ts";
import { HeartbeatBar } from "./heartbeat/heartbeat-bar.tsx";
import { historyOf } from "./heartbeat/heartbeats.ts";
import { IndependenceSwitch } from "./independence-switch.tsx";
import { OrchestratorFacts } from "./orchestrator-facts.tsx";
import { OrchestratorReport } from "./orchestrator-report.tsx";
import { usePresence } from "./overlay.ts";

/** The reload interval: the metrics of heartbeats are not in the stream. */
const REFRESH_MS = 15_000;

interface OrchestratorCardProps {
  orchestratorId: string;
  organizationId: string;
  /** Whether it is the only orchestrator of its organization, which enables the shortcut `i`. */
  isAlone: boolean;
}

export function OrchestratorCard(props: OrchestratorCardProps) {
  const id = props.orchestratorId;
  const query = useList(
    () => ["orchestrator", id],
    async (signal) => {
      const params = { path: { orchestrator_id: id } };
      return (await ask(api.GET("/api/v1/controller/orchestrators/{orchestrator_id}", { params, signal }))).data;
    },
    {
      everyMs: REFRESH_MS,
      refreshOn: (event) => event.orchestrator_id === id && !event.type.startsWith("message"),
    },
  );
  const loaded = createMemo(() => {
    const detail = query.data;
    return detail && historyOf({ ...detail.beats, ...detail }, detail.heartbeat_interval_sec);
  });
  const minutes = followBeats(id, loaded);
  const presence = usePresence(
    () => id,
    () => query.data,
  );

  return (
    <article class="panel orch" data-id={id} aria-label={`Orchestrator ${id}`}>
      <header class="orch-head">
        <div>
          <h2>
            <Name of={query.data?.name} or={id} />
          </h2>
          <span class="orch-id">
            <code>{id}</code>
            <CopyButton text={id} label={`Copy ID ${id}`} isCompact />
          </span>
        </div>
        <StatusBadge status={presence()?.status ?? "inactive"} />
      </header>
      <div class="orch-control">
        <IndependenceSwitch
          orchestratorId={id}
          organizationId={props.organizationId}
          presence={presence()}
          {...(props.isAlone && { keys: "i" })}
        />
      </div>
      <Show when={presence()?.isIndependent}>
        <p class="notice" data-tone="independent">
          This orchestrator operates independently. Its heartbeats are not recorded and its messages are hidden.
        </p>
      </Show>
      <Show when={presence()?.contested}>
        <p class="notice" data-tone="warning">
          Two machines use this ID at the same time, and one of them is refused. Stop one of them, or give each its own
          ID. The data shown here may be from either.
        </p>
      </Show>
      <StaleBanner query={query} />
      <HeartbeatBar name={id} minutes={minutes()} />
      <Switch fallback={<div class="orch-loading" />}>
        <Match when={query.data}>
          {(detail) => (
            <>
              <Show when={isClockOff(detail().clock_offset_ms)}>
                <p class="notice" data-tone="warning">
                  Its clock is {clockWords(detail().clock_offset_ms ?? 0)}. Times and costs shown here use the
                  controller's clock.
                </p>
              </Show>
              <Show when={presence()}>
                {(known) => (
                  <>
                    <OrchestratorFacts detail={detail()} presence={known()} />
                    <OrchestratorReport detail={detail()} isPrivate={known().isIndependent && known().privacy_mode} />
                  </>
                )}
              </Show>
            </>
          )}
        </Match>
        <Match when={query.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void query.refetch()} />}
        </Match>
      </Switch>
    </article>
  );
}
