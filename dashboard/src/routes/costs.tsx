import { PageHead } from "../ui/page-head.tsx";

export function CostsPage() {
  return <PageHead title="Costs" />;
}
