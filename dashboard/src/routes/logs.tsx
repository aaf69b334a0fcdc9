import { PageHead } from "../ui/page-head.tsx";

export function LogsPage() {
  return <PageHead title="Logs" />;
}
