import { createSignal, lazy, Show, Suspense } from "solid-js";
import { MessageQueue } from "../features/messages/message-queue.tsx";
import { mayOperate } from "../features/session/session.ts";
import { useCommands } from "../lib/commands.ts";
import { Plus } from "../ui/icons.tsx";
import { PageHead } from "../ui/page-head.tsx";

const Composer = lazy(async () => ({ default: (await import("../features/messages/composer.tsx")).Composer }));

export function MessagesPage() {
  const [pending, setPending] = createSignal<number | null>(null);
  const [isWriting, setWriting] = createSignal(false);
  useCommands(() => [
    {
      id: "messages:write",
      title: "New message",
      group: "Messages",
      keys: "c",
      isEnabled: mayOperate,
      run: () => setWriting(true),
    },
  ]);
  return (
    <>
      <PageHead title="Messages" count={pending()} countHint="pending">
        <button
          class="button"
          type="button"
          aria-disabled={!mayOperate()}
          title={mayOperate() ? undefined : "Your role is read-only."}
          onClick={() => mayOperate() && setWriting(true)}
        >
          <Plus />
          New message
        </button>
      </PageHead>
      <MessageQueue onCounts={(counts) => setPending(counts.pending)} />
      <Show when={isWriting()}>
        <Suspense>
          <Composer onClose={() => setWriting(false)} />
        </Suspense>
      </Show>
    </>
  );
}
