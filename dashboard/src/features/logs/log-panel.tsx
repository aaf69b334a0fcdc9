import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, Match, Show, Switch } from "solid-js";
import { LOG_LEVELS } from "../../../../worker/contract/values/events.ts";
import { LOG_CAPACITY, MAX_NAME_CHARS } from "../../../../worker/contract/values/limits.ts";
import { useCommands } from "../../lib/commands.ts";
import { controllerNow } from "../../lib/controller-time.ts";
import { rescueFocus } from "../../lib/focus.ts";
import { formatCount, plural } from "../../lib/numbers.ts";
import { announce } from "../../ui/announce.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { saveFile } from "../../ui/download.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { Download } from "../../ui/icons.tsx";
import { stepCommands } from "../../ui/list-cursor.ts";
import { Select } from "../../ui/select.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { Switch as Toggle } from "../../ui/switch.tsx";
import { TextFilter } from "../records/text-filter.tsx";
import { anchorOf, type LogFilter, type LogLine, toFile, toText } from "./lines.ts";
import { LogList, type LogListHandle } from "./log-list.tsx";
import { createLogModel } from "./log-model.ts";
import "../records/records.css";
import "./logs.css";

const LEVEL_OPTIONS = [{ value: "", label: "All levels" }, ...LOG_LEVELS.map((value) => ({ value, label: value }))];

/** The controller log, followed like `tail -f`. */
export function LogPanel() {
  const [search, setSearch] = useSearchParams<{ level?: string; q?: string; line?: string; beats?: string }>();
  const filter = createMemo<LogFilter>(() => ({
    level: LOG_LEVELS.find((level) => level === search.level) ?? null,
    q: (search.q ?? "").slice(0, MAX_NAME_CHARS),
  }));
  const hasBeats = () => search.beats !== "off";
  const model = createLogModel(filter, hasBeats);
  const [isWrapped, setWrapped] = createSignal(matchMedia("(max-width: 640px)").matches);
  let list: LogListHandle | undefined;
  let box: HTMLInputElement | undefined;

  const change = (part: { level?: string | undefined; q?: string | undefined; beats?: string | undefined }) =>
    setSearch({ ...part, line: undefined }, { replace: true });
  const toEnd = () => {
    setSearch({ line: undefined }, { replace: true });
    model.follow(true);
    list?.toEnd();
    // The pressed button has disappeared.
    rescueFocus(() => list?.focus());
  };
  const pick = (line: LogLine) => {
    setSearch({ line: anchorOf(line) }, { replace: true });
    // The router updates the address a moment later.
    const url = new URL(location.href);
    url.searchParams.set("line", anchorOf(line));
    const copied = navigator.clipboard?.writeText(url.href) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => announce("Link to line copied", { isUrgent: true }),
      () => announce("The address now links to the line", { isUrgent: true }),
    );
  };
  const isLost = () => {
    const { line } = search;
    return line !== undefined && model.isLoaded() && !model.lines().some((each) => anchorOf(each) === line);
  };
  const fileName = () => `controller-${new Date(controllerNow()).toISOString().slice(0, 19).replaceAll(":", "")}.log`;

  const group = "Logs";
  useCommands(() => [
    { id: "logs:search", title: "Search the log", group, keys: "/", run: () => box?.focus() },
    {
      id: "logs:follow",
      title: "Follow or stop following the log",
      group,
      keys: "f",
      run: () => model.follow(!model.isFollowing()),
    },
    { id: "logs:end", title: "Go to end of log", group, keys: "G", run: toEnd },
    { id: "logs:start", title: "Go to start of log", group, keys: "g g", run: () => list?.toStart() },
    { id: "logs:wrap", title: "Toggle line wrap", group, keys: "w", run: () => setWrapped(!isWrapped()) },
    ...stepCommands("logs", group, "line", (step) => list?.moveBy(step)),
  ]);

  return (
    <>
      <search class="record-filters" aria-label="Filter the log">
        <Select
          aria-label="Level"
          options={LEVEL_OPTIONS}
          value={filter().level ?? ""}
          onChange={(value) => change({ level: value || undefined })}
        />
        <TextFilter
          label="Search"
          placeholder="Search"
          value={filter().q}
          ref={(input) => {
            box = input;
          }}
          onChange={(q) => change({ q: q || undefined })}
        />
        <Toggle label="Follow" isOn={model.isFollowing()} onChange={(isOn) => (isOn ? toEnd() : model.follow(false))} />
        <Toggle label="Wrap lines" isOn={isWrapped()} onChange={setWrapped} />
        <Toggle label="Heartbeats" isOn={hasBeats()} onChange={(isOn) => change({ beats: isOn ? undefined : "off" })} />
        <span class="record-end">
          <CopyButton text={toText(model.lines())} label="Copy" />
          <button
            class="button"
            type="button"
            onClick={() => saveFile(fileName(), toFile(model.lines(), model.missing()))}
          >
            <Download />
            Download
          </button>
        </span>
      </search>
      <StaleBanner query={model.list} />
      <Show when={isLost()}>
        <p class="notice log-notice" data-tone="warning">
          <span>
            The linked line was not found. It does not match the filter, or is older than the{" "}
            {formatCount(LOG_CAPACITY)} lines that the controller keeps.
          </span>
          <button class="button" type="button" onClick={toEnd}>
            Go to end
          </button>
        </p>
      </Show>
      <Switch>
        <Match when={!model.isLoaded() && model.list.failure}>
          {(failure) => <FailurePanel failure={failure()} onRetry={() => void model.list.refetch()} />}
        </Match>
        <Match when={!model.isLoaded()}>
          <Skeleton what="the log" count={12} />
        </Match>
        <Match when={model.lines().length === 0}>
          <Nothing
            isFiltered={filter().level !== null || filter().q !== "" || !hasBeats()}
            onReset={() => change({ level: undefined, q: undefined, beats: undefined })}
          />
        </Match>
        <Match when={true}>
          <div class="panel log-panel">
            <LogList
              lines={model.lines()}
              isFollowing={model.isFollowing()}
              isWrapped={isWrapped()}
              anchor={search.line ?? null}
              onFollow={(isOn) => isOn !== model.isFollowing() && model.follow(isOn)}
              onPick={pick}
              ref={(handle) => {
                list = handle;
              }}
            />
            <footer class="log-foot">
              <span class="muted">
                {plural(model.lines().length, "line")}
                <Show when={model.missing() > 0}>, {formatCount(model.missing())} older not loaded</Show>
              </span>
              <Show when={!model.isFollowing()}>
                <button class="button new-pill" type="button" aria-keyshortcuts="Shift+G" onClick={toEnd}>
                  {model.newCount() > 0 ? plural(model.newCount(), "new line") : "Go to end"}
                </button>
              </Show>
            </footer>
          </div>
        </Match>
      </Switch>
    </>
  );
}

function Nothing(props: { isFiltered: boolean; onReset: () => void }) {
  return (
    <Show
      when={props.isFiltered}
      fallback={
        <EmptyState kind="nothing-yet" title="No lines yet" text="Controller activity appears here as it happens." />
      }
    >
      <EmptyState
        kind="no-match"
        title="No matching lines"
        text={`Change or reset the filters. The controller keeps the newest ${formatCount(LOG_CAPACITY)} lines.`}
        action={
          <button class="button" type="button" onClick={() => props.onReset()}>
            Show all lines
          </button>
        }
      />
    </Show>
  );
}
