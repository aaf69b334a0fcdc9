import type { Page } from "playwright-core";
import type { Dashboard } from "../dashboard.ts";
import type { Place } from "./fleets.ts";
import type { View } from "./shooter.ts";

const shows = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor();
const titled = (name: string) => (page: Page) => page.getByRole("heading", { name }).first().waitFor();
const press = (key: string) => (page: Page) => page.keyboard.press(key);

/** Nobody is logged in. */
export function visitorViews(): View[] {
  return [
    { name: "login", path: "/login" },
    {
      name: "login-wrong",
      isBroken: true,
      prepare: async (page) => {
        await page.getByLabel("Name").fill("nobody");
        await page.getByLabel("Password").fill("wrong");
        await page.keyboard.press("Enter");
        await page.getByText("Wrong name or password.").waitFor();
      },
    },
    { name: "login-expired", path: "/login?next=%2Fmessages&reason=expired" },
    { name: "welcome", path: "/welcome#mcl_x", prepare: titled("Set your password") },
    { name: "welcome-without-link", path: "/welcome", prepare: shows(/To set a password, open the link/) },
    {
      name: "api-docs",
      path: "/docs",
      prepare: (page) => page.locator(".opblock").first().waitFor(),
    },
  ];
}

/** Nothing has ever connected. */
export function emptyViews(): View[] {
  return ["", "organizations", "messages", "activity", "logs", "audit", "costs", "users", "tokens"].map((page) => ({
    name: `${page || "overview"}-empty`,
    path: `/${page}`,
  }));
}

/** Every page, whatever the size of the fleet. */
export function fleetViews({ organizationId, stir }: Place): View[] {
  const organization = `/organizations/${organizationId}`;
  return [
    {
      name: "overview",
      path: "/",
      prepare: async (page) => {
        await page.getByRole("img", { name: /^Connected orchestrators since/ }).waitFor();
        for (let round = 0; round < 3; round += 1) await stir();
        await page.locator(".change").nth(1).waitFor();
      },
    },
    { name: "organizations", path: "/organizations?view=table" },
    { name: "organizations-cards", path: "/organizations?view=cards" },
    { name: "organizations-filtered", path: "/organizations?view=table&q=status:active%20config:sent" },
    { name: "organization", path: organization },
    { name: "organization-config", path: `${organization}/config` },
    { name: "organization-messages", path: `${organization}/messages` },
    { name: "organization-activity", path: `${organization}/activity` },
    { name: "organization-access", path: `${organization}/access`, prepare: titled("Join tokens") },
    { name: "organization-danger", path: `${organization}/danger` },
    { name: "messages", path: "/messages" },
    {
      name: "activity",
      path: "/activity",
      prepare: async (page) => {
        await page.getByRole("status").getByText("Live").first().waitFor();
        await stir();
        await page.getByText("Disconnected").nth(1).waitFor();
      },
    },
    { name: "logs", path: "/logs" },
    { name: "audit", path: "/audit" },
    { name: "costs", path: "/costs" },
    { name: "costs-by-model", path: "/costs?by=model&table=time" },
    { name: "users", path: "/users" },
    { name: "tokens", path: "/tokens" },
    { name: "settings", path: "/settings" },
  ];
}

/** What opens above a page. */
export function dialogViews({ organizationId }: Place): View[] {
  return [
    {
      name: "dialog-add",
      path: "/organizations?add=1",
      prepare: (page) => page.getByRole("dialog").waitFor(),
      after: press("Escape"),
    },
    {
      name: "dialog-invite",
      path: "/users",
      prepare: async (page) => {
        await page.getByRole("button", { name: "Invite", exact: true }).click();
        await page.getByRole("dialog").waitFor();
      },
      after: press("Escape"),
    },
    {
      name: "dialog-token",
      path: `/organizations/${organizationId}/access`,
      prepare: async (page) => {
        await page.getByRole("button", { name: "New join token" }).click();
        await page.getByRole("button", { name: "Create" }).click();
        await page.getByText("This token is shown only once.").waitFor();
      },
      after: (page) => page.getByRole("button", { name: "I have copied it" }).click(),
    },
    {
      name: "dialog-independence",
      path: `/organizations/${organizationId}`,
      prepare: async (page) => {
        await page.getByRole("switch").first().click();
        await page.getByRole("dialog").waitFor();
      },
      after: press("Escape"),
    },
    {
      name: "palette",
      path: "/",
      prepare: async (page) => {
        await page.locator(".tiles").waitFor();
        await page.keyboard.press("Control+k");
        await page.getByRole("dialog").waitFor();
        await page.keyboard.type("fran");
        await page.getByRole("option").first().waitFor();
      },
      after: press("Escape"),
    },
    {
      name: "help",
      path: "/messages",
      prepare: async (page) => {
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.keyboard.press("?");
        await page.getByRole("dialog").waitFor();
      },
      after: press("Escape"),
    },
  ];
}

/** What is wrong, and said so. */
export function errorViews({ organizationId }: Place, { stack }: Dashboard): View[] {
  return [
    { name: "organizations-no-match", path: "/organizations?q=nowhere", prepare: titled("No matching organizations") },
    {
      name: "organization-missing",
      isBroken: true,
      path: "/organizations/nobody",
      prepare: shows(/nobody/),
    },
    { name: "not-found", path: "/nowhere", prepare: titled("Page not found") },
    {
      name: "costs-failed",
      isBroken: true,
      prepare: async (page) => {
        await stack.database.pause();
        await page.goto("/costs");
        await page.getByRole("heading", { name: "Could not load this page" }).waitFor();
      },
      after: () => Promise.resolve(stack.database.resume()),
    },
    {
      name: "overview-stale",
      isBroken: true,
      path: "/",
      prepare: async (page) => {
        await page.locator(".attention-row").first().waitFor();
        await stack.database.pause();
        await stack.controller.call("PUT", `/api/v1/internal/orchestrators/${organizationId}/independence`, {
          is_independent: true,
        });
        await page.getByText(/Showing data from/).waitFor();
      },
      after: () => Promise.resolve(stack.database.resume()),
    },
    {
      name: "unreachable",
      isBroken: true,
      path: "/organizations?view=table",
      prepare: async (page) => {
        await page.locator(".badge").first().waitFor();
        await page.context().setOffline(true);
        await page.getByRole("status").getByText("Reconnecting").or(page.getByText("Polling")).first().waitFor();
      },
      after: (page) => page.context().setOffline(false),
    },
  ];
}
