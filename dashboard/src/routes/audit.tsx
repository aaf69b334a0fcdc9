import { Show } from "solid-js";
import { AuditLog } from "../features/audit/audit-log.tsx";
import { mayAdminister } from "../features/session/session.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { PageHead } from "../ui/page-head.tsx";

export function AuditPage() {
  return (
    <Show when={mayAdminister()} fallback={<Forbidden />}>
      <AuditLog />
    </Show>
  );
}

function Forbidden() {
  return (
    <>
      <PageHead title="Audit" />
      <EmptyState
        kind="forbidden"
        title="Not for your role"
        text="The audit is for administrators. Ask one of them to look, or for their role."
      />
    </>
  );
}
