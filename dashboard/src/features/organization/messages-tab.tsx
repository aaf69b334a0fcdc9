import { createSignal, Show } from "solid-js";
import { useFleet } from "../../live/context.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { PaperPlane } from "../../ui/icons.tsx";
import { Composer } from "../messages/composer.tsx";
import { MessageQueue } from "../messages/message-queue.tsx";
import { mayOperate } from "../session/session.ts";
import type { OrganizationModel } from "./model.ts";

/** The messages of one organization, and a button to send one to an orchestrator. */
export function MessagesTab(props: { model: OrganizationModel }) {
  const fleet = useFleet();
  const [isWriting, setWriting] = createSignal(false);
  const managed = () => props.model.members().filter((id) => !fleet.row(id)?.is_independent);
  const isIndependent = () => props.model.summary()?.status === "independent";
  return (
    <Show
      when={!isIndependent()}
      fallback={
        <EmptyState
          kind="forbidden"
          title={
            props.model.members().length > 1
              ? "These orchestrators operate independently"
              : "This orchestrator operates independently"
          }
          text="Messages are hidden, and none are sent or received until it is managed again."
        />
      }
    >
      <Show when={mayOperate() && managed().length > 0}>
        <p class="org-ways">
          <button class="button" data-kind="primary" type="button" onClick={() => setWriting(true)}>
            <PaperPlane /> New message
          </button>
        </p>
      </Show>
      <MessageQueue organizationId={props.model.id} />
      <Show when={isWriting()}>
        <Composer {...(managed().length === 1 && { to: managed()[0] })} onClose={() => setWriting(false)} />
      </Show>
    </Show>
  );
}
