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
      <PageHead title="Audit log" />
      <EmptyState
        kind="forbidden"
        title="Only admins can view the audit log"
        text="Ask an admin for the information, or for the admin role."
      />
    </>
  );
}
