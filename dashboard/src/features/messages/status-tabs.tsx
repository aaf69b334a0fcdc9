import { useLocation } from "@solidjs/router";
import { For, Show } from "solid-js";
import { MESSAGE_STATUSES } from "../../../../worker/contract/values/messages.ts";
import { formatCount } from "../../lib/numbers.ts";
import type { MessageStatus } from "./filter.ts";

const WORDS = { pending: "Pending", accepted: "Accepted", dismissed: "Dismissed" };

interface StatusTabsProps {
  status: MessageStatus;
  counts: Record<MessageStatus, number> | null;
}

/** Tabs as links that keep the filters. */
export function StatusTabs(props: StatusTabsProps) {
  const location = useLocation();
  const href = (status: MessageStatus) => {
    const query = new URLSearchParams(location.search);
    query.delete("message");
    if (status === "pending") query.delete("status");
    else query.set("status", status);
    return `${location.pathname}${query.size > 0 ? `?${query}` : ""}`;
  };
  return (
    <nav class="tabs msg-tabs" aria-label="Decision">
      <For each={MESSAGE_STATUSES}>
        {(status) => (
          <a class="tab" href={href(status)} aria-current={props.status === status ? "page" : undefined}>
            {WORDS[status]}
            <Show when={props.counts}>{(counts) => <span class="count">{formatCount(counts()[status])}</span>}</Show>
          </a>
        )}
      </For>
    </nav>
  );
}
