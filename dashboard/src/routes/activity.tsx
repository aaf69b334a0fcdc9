import { ActivityStream } from "../features/activity/activity-stream.tsx";
import { PageHead } from "../ui/page-head.tsx";

export function ActivityPage() {
  return (
    <>
      <PageHead title="Activity" />
      <ActivityStream />
    </>
  );
}
