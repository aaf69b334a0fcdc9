import { PageHead } from "../ui/page-head.tsx";

export function OrganizationPage() {
  return <PageHead title="Organization" />;
}
