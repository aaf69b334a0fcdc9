/**
 * What a folder or file may import beside what is in its own folder: other folders, single files and packages; after
 * "type", their types alone. A key that ends with a slash holds for everything below it; every file has another one.
 * docs/design.md#layers has the reasons.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  common: [],
  ...workerLayers(),
  ...dashboardLayers(),
};

function workerLayers() {
  // A route that imported the class of an object would run its logic outside of the object.
  const stubs = ["worker/orchestrator/stub.ts", "worker/fleet/shard.ts", "worker/auth/stub.ts"];
  return {
    "worker/": ["worker/contract", "worker/contract/values"],
    "worker/contract/values": [],
    "worker/contract": ["common", "zod"],
    "worker/platform": ["common", "worker/sso/settings.ts", "@zxcvbn-ts", "node:", "zod"],
    "worker/sso": ["worker/platform", "oauth4webapi", "zod"],
    "worker/db": ["worker/platform", "@neondatabase/serverless", "drizzle-orm", "zod"],
    "worker/orchestrator": [
      ...["common", "worker/db", "worker/platform", "worker/fleet/shard.ts"],
      ...["cloudflare:workers", "node:", "uuid"],
    ],
    "worker/fleet": [
      ...["common", "worker/db", "worker/platform", "worker/orchestrator/stub.ts", "worker/auth/stub.ts"],
      "cloudflare:workers",
    ],
    "worker/auth": ["worker/db", "worker/platform", "cloudflare:workers"],
    "worker/jobs": ["worker/db", "worker/platform", "worker/fleet/shard.ts"],
    "worker/middleware": [
      "common",
      "worker/db",
      "worker/platform",
      ...stubs,
      "@hono/zod-openapi",
      "hono",
      "node:",
      "zod",
    ],
    "worker/routes": [
      ...["common", "worker/db", "worker/jobs/last-run.ts", "worker/middleware", "worker/platform", "worker/sso"],
      ...stubs,
      ...["@hono/zod-openapi", "hono", "oauth4webapi"],
    ],
    "worker/app.ts": ["worker/middleware", "worker/routes", "worker/platform/settings.ts", "hono"],
    "worker/index.ts": [
      ...["worker/orchestrator/orchestrator.ts", "worker/fleet/fleet.ts", "worker/auth/auth.ts"],
      ...["worker/jobs/cron.ts", "worker/app.ts"],
    ],
  };
}

/** From the ground up: nothing knows what is below it in this list. */
function dashboardLayers() {
  const src = "dashboard/src";
  const features = (...names: string[]) => names.map((name) => `${src}/features/${name}`);
  return {
    // zod alone would add 25 KB to the first page.
    [`${src}/`]: ["common", "type worker/contract", "worker/contract/values", "solid-js"],
    [`${src}/lib`]: ["openapi-fetch"],
    [`${src}/live`]: [`${src}/lib`, "@tanstack/solid-query"],
    [`${src}/ui`]: [`${src}/lib`, `${src}/live`, "@kobalte/core", "@solidjs/router", "@tanstack/solid-virtual"],
    [`${src}/features/`]: [`${src}/lib`, `${src}/live`, `${src}/ui`, "@solidjs/router", "@tanstack/solid-virtual"],
    [`${src}/features/charts`]: ["uplot"],
    [`${src}/features/help`]: [],
    [`${src}/features/notifications`]: [],
    [`${src}/features/palette`]: [],
    [`${src}/features/preferences`]: [],
    [`${src}/features/records`]: [],
    [`${src}/features/session`]: [],
    [`${src}/features/shell`]: [...features("help", "notifications", "palette", "session"), `${src}/styles/app.css`],
    [`${src}/features/activity`]: features("records"),
    [`${src}/features/audit`]: features("records"),
    [`${src}/features/logs`]: features("records"),
    [`${src}/features/costs`]: features("charts"),
    [`${src}/features/users`]: features("session"),
    [`${src}/features/tokens`]: features("session", "users"),
    [`${src}/features/overview`]: features("activity", "charts", "session"),
    [`${src}/features/orchestrator/heartbeat`]: [],
    [`${src}/features/orchestrator`]: features("orchestrator/heartbeat", "session"),
    [`${src}/features/messages`]: features("orchestrator", "records", "session"),
    [`${src}/features/organization`]: features("messages", "orchestrator", "session", "tokens"),
    [`${src}/features/config`]: features("orchestrator", "organization", "session"),
    [`${src}/features/organizations/list`]: features(
      ...["orchestrator", "orchestrator/heartbeat", "organization", "preferences", "session"],
    ),
    [`${src}/features/organizations/filter`]: features("organizations/list"),
    [`${src}/features/organizations/jobs`]: features("organizations/list", "session"),
    [`${src}/features/organizations/add`]: features("config", "organizations/list"),
    [`${src}/routes`]: [`${src}/features`, `${src}/lib`, `${src}/live`, `${src}/ui`, "@solidjs/router"],
    [`${src}/app.tsx`]: [`${src}/routes`, `${src}/features/shell/signed-in.tsx`, "@solidjs/router"],
    [`${src}/main.tsx`]: [`${src}/app.tsx`, `${src}/features/session/session.ts`],
  };
}
