import { createEffect, createMemo, createSignal, Match, on, onCleanup, Show, Switch, untrack } from "solid-js";
import { useList } from "../../live/query.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { FailurePanel } from "../../ui/failure-panel.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { StaleBanner } from "../../ui/stale-banner.tsx";
import { notify } from "../../ui/toast.tsx";
import type { OrganizationModel } from "../organization/model.ts";
import { mayOperate, user } from "../session/session.ts";
import { type ConfigDetail, fetchConfig, toPublished } from "./api.ts";
import type { ConfigDocument } from "./document.ts";
import { createDraft, type Published } from "./draft.ts";
import { Editor, type EditorView } from "./editor.tsx";
import { History } from "./history.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import { Rebase } from "./rebase.tsx";
import { Review } from "./review.tsx";
import { RolloutPanel, useRollouts } from "./rollout-panel.tsx";
import "./config.css";

/** The reload interval; the states themselves come by the stream. */
const REFRESH_MS = 30_000;

/** The configuration of an organization: the editor, the review and the rollout. */
export function ConfigTab(props: { model: OrganizationModel }) {
  const { id } = props.model;
  const query = useList(
    () => ["organization", id, "config"],
    (signal) => fetchConfig(id, signal),
    {
      everyMs: REFRESH_MS,
      idField: "orchestrator_id",
      refreshOn: (event) => event.organization_id === id && !event.type.startsWith("message"),
    },
  );
  return (
    <Switch fallback={<Skeleton what="the configuration" kind="block" />}>
      <Match when={query.data}>
        {(detail) => (
          <>
            <StaleBanner query={query} />
            <Loaded organizationId={id} detail={detail()} refetch={() => query.refetch()} />
          </>
        )}
      </Match>
      <Match when={query.failure}>
        {(failure) => <FailurePanel failure={failure()} onRetry={() => void query.refetch()} />}
      </Match>
    </Switch>
  );
}

function Loaded(props: { organizationId: string; detail: ConfigDetail; refetch: () => Promise<unknown> }) {
  const [step, setStep] = createSignal<"edit" | "review" | "rebase">("edit");
  const [view, setView] = createSignal<EditorView>("form");
  const [reverted, setReverted] = createSignal<{ revision: number; config: ConfigDocument } | null>(null);
  const published = createMemo(() => toPublished(props.detail), undefined, {
    equals: (before, after) => before.revision === after.revision,
  });
  const draft = createDraft(props.organizationId, published, untrack(user)?.username);
  /** A revision published here is known before it is loaded back. */
  const revision = () => Math.max(props.detail.revision, draft.base().revision);
  const rollouts = useRollouts(() => props.detail);
  let place: HTMLDivElement | undefined;

  // After taking their revision there is nothing left to merge.
  createEffect(on(draft.overtaker, (theirs) => theirs === null && step() === "rebase" && setStep("edit")));

  const back = () => {
    setStep("edit");
    // The focused element has disappeared.
    place?.querySelector<HTMLElement>(".config-editor [data-kind=primary]")?.focus();
  };
  const done = (result: Published) => {
    const before = draft.base().revision;
    draft.reset(result);
    setStep("edit");
    notify({
      tone: "success",
      text: result.revision > before ? `Revision ${result.revision} published` : "No changes to publish",
    });
    void props.refetch();
    place?.querySelector<HTMLElement>(".config-rollout h2")?.focus();
  };
  const conflict = async () => {
    await props.refetch();
    setStep(draft.overtaker() === null ? "edit" : "rebase");
  };
  const revert = (config: ConfigDocument) => {
    draft.change(config);
    setStep("review");
  };
  const askRevert = (revision: number, config: ConfigDocument) =>
    draft.isDirty() ? setReverted({ revision, config }) : revert(config);
  let isKept = false;
  onCleanup(() => isKept && draft.keep());

  return (
    <div class="config" ref={place}>
      <LeaveGuard isDirty={draft.isDirty()} onDiscard={draft.discard} onTornAway={() => (isKept = true)} />
      <div class="config-main">
        <Show when={draft.isRestored && draft.isDirty()}>
          <p class="notice" data-tone="info">
            Your changes from before the login were restored.
          </p>
        </Show>
        <div role="alert">
          <Show when={step() !== "rebase" && draft.overtaker()}>
            {(theirs) => (
              <div class="notice" data-tone="warning">
                <p>
                  Revision {theirs().revision} was published by {nameOf(props.detail.updated_by)} while you were
                  editing.
                </p>
                <button class="button" type="button" onClick={() => setStep("rebase")}>
                  Compare
                </button>
              </div>
            )}
          </Show>
        </div>
        <Switch>
          <Match when={!mayOperate()}>
            <section class="panel config-editor">
              <h2>Configuration</h2>
              <p class="hint">Your role is read-only.</p>
              <JsonView value={published().config} label="configuration" />
            </section>
          </Match>
          <Match when={step() === "rebase" && draft.overtaker()}>
            {(theirs) => (
              <Rebase
                draft={draft}
                theirs={theirs()}
                theirName={nameOf(props.detail.updated_by)}
                onBack={back}
                onRebased={back}
              />
            )}
          </Match>
          <Match when={step() === "review"}>
            <Review
              organizationId={props.organizationId}
              draft={draft}
              rollouts={rollouts()}
              onBack={back}
              onPublished={done}
              onConflict={() => void conflict()}
            />
          </Match>
          <Match when={true}>
            <Editor
              draft={draft}
              view={view()}
              onView={setView}
              onReview={() => setStep(draft.overtaker() === null ? "review" : "rebase")}
            />
          </Match>
        </Switch>
      </div>
      <RolloutPanel revision={revision()} total={props.detail.total_orchestrators} rollouts={rollouts()} />
      <Show when={revision() > 0}>
        <History
          organizationId={props.organizationId}
          revision={revision()}
          mayRevert={mayOperate()}
          onRevert={askRevert}
        />
      </Show>
      <Show when={reverted()}>
        {(wanted) => (
          <ConfirmDialog
            title={`Revert to revision ${wanted().revision}?`}
            consequences={["Your unpublished changes are replaced.", "You can review it before it is published."]}
            action="Replace my changes"
            tone="danger"
            onConfirm={() => revert(wanted().config)}
            onClose={() => setReverted(null)}
          />
        )}
      </Show>
    </div>
  );
}

function nameOf(actor: string | null): string {
  return actor?.replace(/^user:/, "") ?? "an unknown user";
}
