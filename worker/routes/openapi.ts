import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../middleware/app-env.ts";
import { SESSION_COOKIE } from "../middleware/credentials.ts";
import { TAGS } from "./define.ts";
import { VERSION } from "./version.ts";

/** The OpenAPI document of every declared route. */
export function openApiDocument(app: OpenAPIHono<AppEnv>) {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description:
      "An API token, the token of an orchestrator, a session token from login, or in development the token of `.dev.vars`.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "basic", {
    type: "http",
    scheme: "basic",
    description:
      "Orchestrators alone: the id as user and its token as password, as clients make of `https://ID:TOKEN@host`.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
    description: "Set by login for browsers. Writes also need `X-Requested-With: moolai` and the same origin.",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Moolai Controller",
      version: VERSION,
      description: "Manages and watches a fleet of remote orchestrators.",
      contact: { name: "The maintainers of Moolai Controller" },
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    servers: [{ url: "/", description: "This controller" }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
  return document;
}
