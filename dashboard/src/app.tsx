import { Route, Router } from "@solidjs/router";
import { lazy } from "solid-js";
import { LoginPage } from "./routes/login.tsx";

// A visitor without a session loads only the login; each page has its own chunk.
const WelcomePage = lazy(async () => ({ default: (await import("./routes/welcome.tsx")).WelcomePage }));
const WallPage = lazy(async () => ({ default: (await import("./routes/wall.tsx")).WallPage }));
const SignedIn = lazy(async () => ({ default: (await import("./features/shell/signed-in.tsx")).SignedIn }));
const OverviewPage = lazy(async () => ({ default: (await import("./routes/overview.tsx")).OverviewPage }));
const OrganizationsPage = lazy(async () => ({
  default: (await import("./routes/organizations.tsx")).OrganizationsPage,
}));
const OrganizationPage = lazy(async () => ({ default: (await import("./routes/organization.tsx")).OrganizationPage }));
const MessagesPage = lazy(async () => ({ default: (await import("./routes/messages.tsx")).MessagesPage }));
const ActivityPage = lazy(async () => ({ default: (await import("./routes/activity.tsx")).ActivityPage }));
const LogsPage = lazy(async () => ({ default: (await import("./routes/logs.tsx")).LogsPage }));
const AuditPage = lazy(async () => ({ default: (await import("./routes/audit.tsx")).AuditPage }));
const CostsPage = lazy(async () => ({ default: (await import("./routes/costs.tsx")).CostsPage }));
const UsersPage = lazy(async () => ({ default: (await import("./routes/users.tsx")).UsersPage }));
const TokensPage = lazy(async () => ({ default: (await import("./routes/tokens.tsx")).TokensPage }));
const SettingsPage = lazy(async () => ({ default: (await import("./routes/settings.tsx")).SettingsPage }));
const NotFoundPage = lazy(async () => ({ default: (await import("./routes/not-found.tsx")).NotFoundPage }));

const ORGANIZATION_TABS = { tab: ["config", "messages", "activity", "access", "danger"] };

export function App() {
  return (
    <Router>
      <Route path="/login" component={LoginPage} />
      <Route path="/welcome" component={WelcomePage} />
      <Route path="/wall" component={WallPage} />
      <Route component={SignedIn}>
        <Route path="/" component={OverviewPage} />
        <Route path="/organizations" component={OrganizationsPage} />
        <Route path="/organizations/:id/:tab?" component={OrganizationPage} matchFilters={ORGANIZATION_TABS} />
        <Route path="/messages" component={MessagesPage} />
        <Route path="/activity" component={ActivityPage} />
        <Route path="/logs" component={LogsPage} />
        <Route path="/audit" component={AuditPage} />
        <Route path="/costs" component={CostsPage} />
        <Route path="/users" component={UsersPage} />
        <Route path="/tokens" component={TokensPage} />
        <Route path="/settings" component={SettingsPage} />
        <Route path="*" component={NotFoundPage} />
      </Route>
    </Router>
  );
}
