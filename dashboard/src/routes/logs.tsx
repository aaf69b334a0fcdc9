import { LogPanel } from "../features/logs/log-panel.tsx";
import { PageHead } from "../ui/page-head.tsx";

export function LogsPage() {
  return (
    <>
      <PageHead title="Logs" />
      <LogPanel />
    </>
  );
}
