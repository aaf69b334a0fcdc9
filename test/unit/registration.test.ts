import { describe, expect, it } from "vitest";
import { clean } from "../../worker/contract/decoration.ts";
import { heartbeatBody, isWebUrl, registerBody } from "../../worker/contract/rest/registration.ts";
import { toRegistrationFields } from "../../worker/routes/registration-fields.ts";

/** As a body comes to the route: its decoration cleaned first. */
const usable = (input: unknown) => registerBody.parse(clean(registerBody, input).value);

describe("registerBody", () => {
  it("B17 sibling: drops or cuts what decorates a registration, and keeps what can be read", () => {
    const input = {
      orchestrator_id: 42,
      name: "x".repeat(300),
      location: "two\nlines",
      features: "on",
      metadata: { version: 1.4, bad: Number.NaN, __proto__x: 1 },
      internal_url: "javascript:alert(1)",
      container_id: 7,
      monitoring_enabled: "yes",
      monitoring: [],
      environment_variables: { A: "1", B: {}, C: "\u0000" },
      database_url: 5,
    };
    const { value, dropped } = clean(registerBody, input);
    expect(registerBody.parse(value)).toMatchObject({
      orchestrator_id: "42",
      name: "x".repeat(255),
      location: "two lines",
      metadata: { version: 1.4 },
      container_id: "7",
      monitoring_enabled: true,
      environment_variables: { A: "1" },
    });
    expect(dropped.map(({ path }) => path).sort()).toEqual([
      "database_url",
      "environment_variables.B",
      "environment_variables.C",
      "features",
      "internal_url",
      "metadata.bad",
      "monitoring",
      "name",
    ]);
  });

  it("accepts what the HTTP client of the orchestrator sends", () => {
    const body = usable({
      organization_id: "org-002",
      orchestrator_id: "orch-002",
      name: "Acme",
      location: "",
      internal_url: "http://moolai_org-002:8000",
      database_url: null,
      environment_variables: { PORT: 8000, DEBUG: false, EMPTY: null },
      monitoring: { enabled: false, embedded: true, endpoints: { metrics: "http://x/metrics" } },
      something_else: 1,
    });
    expect(toRegistrationFields(body)).toEqual({
      name: "Acme",
      internal_url: "http://moolai_org-002:8000",
      environment_variables: { PORT: "set", DEBUG: "set", EMPTY: "set" },
      monitoring_enabled: false,
    });
  });

  it("needs one of the ids", () => {
    expect(registerBody.safeParse({ organization_id: "org-1" }).success).toBe(true);
    expect(registerBody.safeParse({ orchestrator_id: "org-1" }).success).toBe(true);
    expect(registerBody.safeParse({ name: "nobody" }).success).toBe(false);
    expect(heartbeatBody.safeParse(clean(heartbeatBody, { orchestrator_id: null }).value).success).toBe(false);
  });

  it.each(["javascript:alert(1)", "ftp://x", "http://user@x", "https://user:pw@x", "//x", "x"])(
    "refuses %s as a URL",
    (url) => {
      expect(isWebUrl(url)).toBe(false);
      const { value, dropped } = clean(registerBody, { orchestrator_id: "org-1", website: url });
      expect(value).toEqual({ orchestrator_id: "org-1" });
      expect(dropped).toMatchObject([{ path: "website" }]);
    },
  );
});
