import { Route, Router } from "@solidjs/router";
import { SignedIn } from "./features/session/signed-in.tsx";
import { LoginPage } from "./routes/login.tsx";
import { NotFoundPage } from "./routes/not-found.tsx";
import { OrganizationsPage } from "./routes/organizations.tsx";

export function App() {
  return (
    <Router>
      <Route path="/login" component={LoginPage} />
      <Route component={SignedIn}>
        <Route path={["/", "/organizations"]} component={OrganizationsPage} />
        <Route path="*" component={NotFoundPage} />
      </Route>
    </Router>
  );
}
