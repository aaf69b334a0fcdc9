import { z } from "zod";
import { type AccessRule, roleMap } from "./rules.ts";

/** The settings of login with an OpenID Connect provider. */
export interface SsoSettings {
  issuer: string;
  clientId: string;
  /** null: a client without a secret, which PKCE alone protects. */
  clientSecret: string | null;
  scopes: string;
  rules: AccessRule[];
  /** The text of the button on the login page. */
  button: string;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Plain HTTP is for a provider or a controller on this machine, and only in development. */
function isSecure(url: URL, isDevelopment: boolean): boolean {
  return url.protocol === "https:" || (isDevelopment && url.protocol === "http:" && LOOPBACK.has(url.hostname));
}

const setting = z
  .string()
  .trim()
  .transform((text) => text || undefined)
  .optional();

/** The settings of logging in. An empty setting counts as absent. */
export const loginSettings = {
  PUBLIC_URL: setting,
  LOCAL_LOGIN: z
    .string()
    .trim()
    .transform((text) => text || "everyone")
    .pipe(z.enum(["everyone", "superadmins"], { error: "must be one of everyone, superadmins" }))
    .default("everyone"),
  OIDC_ISSUER: setting,
  OIDC_CLIENT_ID: setting,
  OIDC_CLIENT_SECRET: setting,
  OIDC_SCOPES: setting,
  OIDC_GROUPS_CLAIM: setting,
  OIDC_ROLE_MAP: setting,
  OIDC_BUTTON: setting,
};

const raw = z.object(loginSettings);
type RawLogin = z.infer<typeof raw>;

export interface LoginSettings {
  /** The origin at which people reach the controller; null: not set. */
  publicUrl: string | null;
  /** `superadmins`: a password is for emergencies, and everybody else uses single sign-on. */
  localLogin: RawLogin["LOCAL_LOGIN"];
  sso: SsoSettings | null;
}

interface ParsedLogin {
  login: LoginSettings;
  /** Problems: settings that cannot be used. */
  problems: string[];
  /** Warnings: settings without an effect. */
  warnings: string[];
}

/** Only a warning, because a secret takes effect at once and the variables with the next deployment. */
function uselessWithoutIssuer(given: RawLogin): string[] {
  if (given.OIDC_ISSUER !== undefined) return [];
  const others = Object.entries(given).filter(([name, value]) => name.startsWith("OIDC_") && value !== undefined);
  return others.map(([name]) => `${name} has no effect without OIDC_ISSUER`);
}

/** The settings, and what is wrong with them, in sentences that do not repeat a value. */
export function parseLogin(given: RawLogin, isDevelopment: boolean): ParsedLogin {
  const problems: string[] = [];
  const publicUrl = given.PUBLIC_URL === undefined ? null : parseOrigin(given.PUBLIC_URL, isDevelopment);
  if (given.PUBLIC_URL !== undefined && publicUrl === null) {
    problems.push("PUBLIC_URL must be an https:// address without a path");
  }
  const sso = parseSso(given, isDevelopment, problems);
  if (given.OIDC_ISSUER && given.PUBLIC_URL === undefined && !isDevelopment) {
    problems.push("PUBLIC_URL is missing, and single sign-on needs it");
  }
  if (given.LOCAL_LOGIN === "superadmins" && !given.OIDC_ISSUER) {
    problems.push("LOCAL_LOGIN may be superadmins only where others have single sign-on: set OIDC_ISSUER");
  }
  return { login: { publicUrl, localLogin: given.LOCAL_LOGIN, sso }, problems, warnings: uselessWithoutIssuer(given) };
}

function parseSso(given: RawLogin, isDevelopment: boolean, problems: string[]): SsoSettings | null {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_ROLE_MAP } = given;
  if (OIDC_ISSUER === undefined) return null;
  const issuer = URL.canParse(OIDC_ISSUER) ? new URL(OIDC_ISSUER) : null;
  if (!issuer || !isSecure(issuer, isDevelopment) || issuer.search || issuer.hash || issuer.username) {
    problems.push("OIDC_ISSUER must be an https:// address");
  }
  if (OIDC_CLIENT_ID === undefined) problems.push("OIDC_CLIENT_ID is missing");
  const scopes = (given.OIDC_SCOPES ?? "openid profile email").split(/[\s,]+/).filter(Boolean);
  if (!scopes.includes("openid")) scopes.unshift("openid");
  if (OIDC_ROLE_MAP === undefined) problems.push("OIDC_ROLE_MAP is missing");
  const rules = parseRules(OIDC_ROLE_MAP ?? "[]", given.OIDC_GROUPS_CLAIM ?? "groups");
  if (OIDC_ROLE_MAP !== undefined && typeof rules === "string") problems.push(`OIDC_ROLE_MAP ${rules}`);
  if (problems.length > 0 || OIDC_CLIENT_ID === undefined || typeof rules === "string") return null;
  return {
    issuer: OIDC_ISSUER,
    clientId: OIDC_CLIENT_ID,
    clientSecret: given.OIDC_CLIENT_SECRET ?? null,
    scopes: scopes.join(" "),
    rules,
    button: (given.OIDC_BUTTON ?? "Log in with single sign-on").slice(0, 80),
  };
}

/** The rules, or their problem, named by place and not by value. */
function parseRules(text: string, groupsClaim: string): AccessRule[] | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "must be JSON";
  }
  const parsed = roleMap(groupsClaim).safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.length ? `rule ${issue.path.map(stepOf).join(".")}: ` : "";
  return `cannot be used: ${place}${issue?.message}`;
}

/** People count from 1. */
function stepOf(step: PropertyKey): string {
  return typeof step === "number" ? String(step + 1) : String(step);
}

function parseOrigin(text: string, isDevelopment: boolean): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isBare = url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  return isBare && isSecure(url, isDevelopment) ? url.origin : null;
}
