import { cors } from "hono/cors";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requireLoopbackHost } from "./middleware/development.ts";
import { handleError } from "./middleware/errors.ts";
import { requireHttps } from "./middleware/https.ts";
import { noCredentialsInAddress } from "./middleware/query.ts";
import { limitAddress, limitRefusals } from "./middleware/rate.ts";
import { observe } from "./middleware/request-log.ts";
import { requireFittingBuild, requireSettings } from "./middleware/settings.ts";
import { isWebSocketUpgrade, refuseStrayUpgrades } from "./middleware/upgrade.ts";
import { settingsOf } from "./platform/settings.ts";
import { activity } from "./routes/activity.ts";
import { agentTokens } from "./routes/agent-tokens.ts";
import { apiTokens } from "./routes/api-tokens.ts";
import { attention } from "./routes/attention.ts";
import { audit } from "./routes/audit.ts";
import { auth } from "./routes/auth.ts";
import { config } from "./routes/config.ts";
import { configRevisions } from "./routes/config-revisions.ts";
import { createRouter } from "./routes/define.ts";
import { DOCS_PAGE } from "./routes/docs.ts";
import { health } from "./routes/health.ts";
import { heartbeats } from "./routes/heartbeats.ts";
import { independence } from "./routes/independence.ts";
import { instances } from "./routes/instances.ts";
import { joinTokens } from "./routes/join-tokens.ts";
import { live } from "./routes/live.ts";
import { throttles } from "./routes/login-throttles.ts";
import { logs } from "./routes/logs.ts";
import { messages } from "./routes/messages.ts";
import { openApiDocument } from "./routes/openapi.ts";
import { orchestrators } from "./routes/orchestrators.ts";
import { organizationChanges } from "./routes/organization-changes.ts";
import { organizations } from "./routes/organizations.ts";
import { answerUnknownPath, answerWrongMethod, PAGES, servePage } from "./routes/pages.ts";
import { passwords } from "./routes/passwords.ts";
import { registration } from "./routes/registration.ts";
import { sso } from "./routes/sso.ts";
import { statistics } from "./routes/statistics.ts";
import { stream } from "./routes/stream.ts";
import { users } from "./routes/users.ts";
import { handleSocket } from "./routes/ws.ts";

export const app = createRouter();

app.onError(handleError);
app.use(observe);
app.use(requireFittingBuild);
app.use((c, next) => (DEVELOPMENT_BUILD ? requireLoopbackHost(c, next) : requireHttps(c, next)));
// `/ws/*` also matches `/ws`.
for (const path of ["/", "/ws/*", "/api/*"]) app.use(path, limitAddress);
app.use(limitRefusals);
app.use(noCredentialsInAddress);
app.use(refuseStrayUpgrades);
app.use(methodNotAllowed({ app, onMethodNotAllowed: answerWrongMethod }));

// --- Sockets of orchestrators: before everything that reads or writes headers ---

app.get("/ws", (c) => handleSocket(c));
app.get("/ws/*", (c) => handleSocket(c));
app.get("/", (c) => (isWebSocketUpgrade(c.req.raw) ? handleSocket(c) : servePage(c)));

// --- REST ---

app.use("/api/*", requireSettings);
app.use("/api/*", async (c, next) => {
  const { allowedOrigins } = settingsOf(c.env);
  if (allowedOrigins.length === 0) return await next();
  return await cors({ origin: allowedOrigins, allowHeaders: ["Authorization", "Content-Type"], maxAge: 600 })(c, next);
});

// A fixed segment comes before a parameter: `/live` before `/{orchestrator_id}`.
const routers = [
  health,
  auth,
  passwords,
  sso,
  live,
  heartbeats,
  organizations,
  organizationChanges,
  config,
  configRevisions,
  orchestrators,
  registration,
  agentTokens,
  joinTokens,
  instances,
  independence,
  messages,
  statistics,
  attention,
  activity,
  audit,
  users,
  throttles,
  apiTokens,
  logs,
  stream,
];
for (const router of routers) app.route("/", router);

let document: string | null = null;
app.get("/openapi.json", (c) => {
  document ??= JSON.stringify(openApiDocument(app));
  return c.body(document, 200, { "Content-Type": "application/json" });
});
app.get("/docs", (c) => c.html(DOCS_PAGE));
for (const path of PAGES) if (path !== "/") app.get(path, servePage);

app.notFound(answerUnknownPath);
