import { type BadRequest, badBodies, KNOWN_ID } from "./bad-bodies.ts";

const INTERNAL = "/api/v1/internal";
const CONTROLLER = "/api/v1/controller";
const UNKNOWN_ID = "org-unknown";

function invalidFields(method: string, path: string, bodies: unknown[]): BadRequest[] {
  return bodies.map((body) => ({
    name: `${method} ${path}: ${JSON.stringify(body).slice(0, 80)}`,
    method,
    path,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    status: 422,
    code: "validation_failed",
  }));
}

const badIds = ["a b", "-a", "a-", "a/b", "ä", "x".repeat(65), "a\nb", "<script>", ".."];

const get = (path: string, rest: Omit<BadRequest, "name" | "method" | "path">): BadRequest => ({
  name: `GET ${path}`,
  method: "GET",
  path,
  ...rest,
});

const invalid = { status: 422, code: "validation_failed" } as const;
const queries: BadRequest[] = [
  ...["page=0", "page=-1", "page=abc", "page=1.5", "page=1e99", "page_size=0", "page_size=101", "page_size=x"].flatMap(
    (query) => [
      get(`${CONTROLLER}/organizations?${query}`, invalid),
      get(`${CONTROLLER}/orchestrators?${query}`, invalid),
    ],
  ),
  ...["status=up", "status=ACTIVE"].map((query) => get(`${CONTROLLER}/orchestrators?${query}`, invalid)),
  ...["limit=0", "limit=-5", "limit=1.5", "limit=many", "level=LOUD", "level=info"].map((query) =>
    get(`${INTERNAL}/logs?${query}`, invalid),
  ),
  ...["page_size=0", "page_size=1001", "level=x"].map((query) => get(`${CONTROLLER}/logs?${query}`, invalid)),
  get(`${CONTROLLER}/orchestrators/${KNOWN_ID}/activity?limit=0`, invalid),
  get(`${CONTROLLER}/organizations?page=1&page=2`, invalid),
  get(`${CONTROLLER}/orchestrators?q=%00`, invalid),
  ...["limit=0", "status=open", "message_type=x", "direction=up", "severity=a%20b", "include_independent=1"].flatMap(
    (query) => [
      get(`${INTERNAL}/messages?${query}`, invalid),
      get(`${INTERNAL}/orchestrators/${KNOWN_ID}/messages?${query}`, invalid),
    ],
  ),
  ...[
    "granularity=year",
    "group_by=department",
    "start_date=today",
    "start_date=2025-02-30",
    "organization_ids=a%20b",
  ].map((query) => get(`${CONTROLLER}/costs?${query}`, invalid)),
  get(`${CONTROLLER}/costs?start_date=2025-02-02&end_date=2025-02-01`, invalid),
  get(`${CONTROLLER}/costs?start_date=2020-01-01&granularity=hour`, invalid),
  get(`${CONTROLLER}/overview?end_date=2025-13-01`, invalid),
  ...["from=x", "to=2025-1-1", "format=xml", "action=DROP%20TABLE", "page_size=101"].map((query) =>
    get(`${CONTROLLER}/audit?${query}`, invalid),
  ),
  get(`${CONTROLLER}/users?role=root`, invalid),
];

const urlIds: BadRequest[] = ["a%20b", "-a", "a-", "%C3%A4", "x".repeat(65), "a%0Ab", "%3Cscript%3E", "a%00"].flatMap(
  (id) => [
    get(`${CONTROLLER}/orchestrators/${id}`, invalid),
    get(`${CONTROLLER}/organizations/${id}`, invalid),
    get(`${INTERNAL}/orchestrators/${id}/independence`, invalid),
    {
      name: `DELETE deregister ${id}`,
      method: "DELETE",
      path: `${INTERNAL}/orchestrators/${id}/deregister`,
      ...invalid,
    },
  ],
);

const missing = { status: 404, code: "not_found", asksDatabase: true } as const;
const unknownIds: BadRequest[] = [
  get(`${CONTROLLER}/orchestrators/${UNKNOWN_ID}`, missing),
  get(`${CONTROLLER}/orchestrators/${UNKNOWN_ID}/activity`, missing),
  get(`${CONTROLLER}/orchestrators/live/${UNKNOWN_ID}`, missing),
  get(`${CONTROLLER}/orchestrator-instances/${UNKNOWN_ID}`, missing),
  get(`${CONTROLLER}/organizations/${UNKNOWN_ID}`, missing),
  get(`${INTERNAL}/orchestrators/${UNKNOWN_ID}/independence`, missing),
  get(`${INTERNAL}/orchestrators/${UNKNOWN_ID}/messages`, missing),
  get(`${CONTROLLER}/organizations/${UNKNOWN_ID}/config`, missing),
  { name: "PUT independence", method: "PUT", path: `${INTERNAL}/orchestrators/${UNKNOWN_ID}/independence` },
  { name: "POST heartbeat", method: "POST", path: `${INTERNAL}/orchestrators/heartbeat` },
  { name: "DELETE deregister", method: "DELETE", path: `${INTERNAL}/orchestrators/${UNKNOWN_ID}/deregister` },
  { name: "DELETE instance", method: "DELETE", path: `${CONTROLLER}/orchestrator-instances/${UNKNOWN_ID}` },
].map((request) => ({
  ...missing,
  ...request,
  name: `${request.name}: unknown id`,
  ...(request.method === "PUT" || request.method === "POST"
    ? {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ orchestrator_id: UNKNOWN_ID, is_independent: true }),
      }
    : {}),
}));

const wrongMethods: BadRequest[] = [
  ["PATCH", `${CONTROLLER}/organizations`],
  ["DELETE", `${CONTROLLER}/orchestrators`],
  ["POST", `${CONTROLLER}/orchestrators/live`],
  ["GET", `${INTERNAL}/orchestrators/register`],
  ["GET", `${INTERNAL}/auth/login`],
  ["POST", `${INTERNAL}/orchestrators/${KNOWN_ID}/independence`],
  ["PUT", `${INTERNAL}/orchestrators/${KNOWN_ID}/deregister`],
  ["DELETE", `${INTERNAL}/logs`],
  ["POST", "/health"],
].map(([method = "", path = ""]) => ({
  name: `${method} ${path}: wrong method`,
  method,
  path,
  status: 405,
  code: "method_not_allowed",
}));

const unknownRoutes: BadRequest[] = [
  "/api",
  "/api/",
  "/api/v1",
  "/api/v2/controller/organizations",
  `${CONTROLLER}/nothing`,
  `${INTERNAL}/orchestrators/${KNOWN_ID}/nothing`,
  `${CONTROLLER}/organizations/`,
  `${CONTROLLER}//organizations`,
].map((path) => get(path, { status: 404, code: "not_found" }));

const guarded = [
  `${CONTROLLER}/organizations`,
  `${CONTROLLER}/organizations/${KNOWN_ID}`,
  `${CONTROLLER}/orchestrators`,
  `${CONTROLLER}/orchestrators/live`,
  `${CONTROLLER}/orchestrators/${KNOWN_ID}`,
  `${CONTROLLER}/orchestrators/${KNOWN_ID}/activity`,
  `${CONTROLLER}/health`,
  `${CONTROLLER}/logs`,
  `${INTERNAL}/logs`,
  `${INTERNAL}/orchestrators`,
  `${INTERNAL}/auth/me`,
  `${INTERNAL}/messages`,
  `${CONTROLLER}/organizations/${KNOWN_ID}/config`,
  `${CONTROLLER}/overview`,
  `${CONTROLLER}/costs`,
  `${CONTROLLER}/audit`,
  `${CONTROLLER}/users`,
];
const refused = { status: 401, code: "unauthorized" } as const;
const unauthorized: BadRequest[] = guarded.flatMap((path) => [
  { ...get(path, { ...refused, bearer: null }), name: `GET ${path} without a credential` },
  { ...get(path, { ...refused, bearer: "wrong" }), name: `GET ${path} with a wrong token` },
  {
    ...get(`${path}?token=fake-dev-token`, { ...refused, bearer: null }),
    name: `GET ${path} with the token in the query string`,
  },
  {
    ...get(path, { ...refused, headers: { Authorization: "Basic ZmFrZS1kZXYtdG9rZW46" } }),
    name: `GET ${path} with Basic`,
  },
]);

const register = `${INTERNAL}/orchestrators/register`;
export const badRequests: BadRequest[] = [
  ...badBodies,
  ...invalidFields("POST", register, [
    {},
    { name: "no id" },
    ...badIds.map((orchestrator_id) => ({ orchestrator_id })),
    ...badIds.map((organization_id) => ({ orchestrator_id: "org-new", organization_id })),
    { orchestrator_id: "" },
    { orchestrator_id: 4.2 },
    { orchestrator_id: {} },
  ]),
  ...invalidFields("POST", `${INTERNAL}/orchestrators/heartbeat`, [
    {},
    { orchestrator_id: " ", health_status: "healthy" },
    { orchestrator_id: [KNOWN_ID] },
  ]),
  ...invalidFields("PUT", `${INTERNAL}/orchestrators/${KNOWN_ID}/independence`, [
    {},
    { is_independent: "yes" },
    { is_independent: 1 },
    { is_independent: true, privacy_mode: "no" },
  ]),
  ...invalidFields("POST", `${INTERNAL}/orchestrators/${KNOWN_ID}/messages`, [
    {},
    { message_type: "alert", content: "x" },
    { message_type: "monitoring", content: " " },
    { message_type: "monitoring", content: "é".repeat(9_000) },
    { message_type: "monitoring", content: "x", metadata: [] },
  ]),
  ...invalidFields("PUT", `${CONTROLLER}/organizations/${KNOWN_ID}/config`, [
    {},
    { features: [] },
    { settings: {}, expected_revision: -1 },
  ]),
  ...invalidFields("POST", `${INTERNAL}/orchestrators/${KNOWN_ID}/send`, [
    {},
    { type: "two words" },
    { type: "provisioning", data: { orchestrator_id: "org-other" } },
  ]),
  ...invalidFields("POST", `${CONTROLLER}/organizations`, [
    {},
    { org_id: "a b" },
    { org_id: "org-new", features: "on" },
  ]),
  ...invalidFields("POST", `${CONTROLLER}/orchestrator-instances`, [{}, { org_id: "-" }, { org_id: ["org-new"] }]),
  ...invalidFields("POST", `${INTERNAL}/auth/login`, [{}, { username: "a" }, { username: ["a"], password: "b" }]),
  {
    name: "login with a wrong password",
    method: "POST",
    path: `${INTERNAL}/auth/login`,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username: "superadmin", password: "wrong" }),
    bearer: null,
    status: 401,
    code: "invalid_credentials",
    asksDatabase: true,
  },
  {
    name: "register under another organization",
    method: "POST",
    path: register,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ orchestrator_id: KNOWN_ID, organization_id: "org-other" }),
    status: 409,
    code: "already_exists",
    asksDatabase: true,
  },
  get("/ws", { status: 426, code: "upgrade_required" }),
  get(`/ws/${KNOWN_ID}`, { status: 426, code: "upgrade_required" }),
  ...queries,
  ...urlIds,
  ...unknownIds,
  ...wrongMethods,
  ...unknownRoutes,
  ...unauthorized,
];
