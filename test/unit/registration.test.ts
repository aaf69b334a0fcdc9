import { describe, expect, it } from "vitest";
import { heartbeatBody, isWebUrl, registerBody } from "../../worker/contract/rest/registration.ts";
import { toRegistrationFields } from "../../worker/routes/registration-fields.ts";

describe("registerBody", () => {
  it("accepts what the HTTP client of the orchestrator sends", () => {
    const body = registerBody.parse({
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
      environment_variables: { PORT: "8000", DEBUG: "false", EMPTY: "" },
      monitoring_enabled: false,
    });
  });

  it("needs one of the ids", () => {
    expect(registerBody.safeParse({ organization_id: "org-1" }).success).toBe(true);
    expect(registerBody.safeParse({ orchestrator_id: "org-1" }).success).toBe(true);
    expect(registerBody.safeParse({ name: "nobody" }).success).toBe(false);
    expect(heartbeatBody.safeParse({ orchestrator_id: null }).success).toBe(false);
  });

  it.each(["javascript:alert(1)", "ftp://x", "http://user@x", "https://user:pw@x", "//x", "x"])(
    "refuses %s as a URL",
    (url) => {
      expect(isWebUrl(url)).toBe(false);
      expect(registerBody.safeParse({ orchestrator_id: "org-1", website: url }).success).toBe(false);
    },
  );
});
