import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { type Configuration } from "oidc-provider";

export const CLIENT_ID = "moolai-controller";
export const CLIENT_SECRET = "secret-of-the-client";

type Claims = Record<string, unknown>;
type Jwt = { header: Claims; claims: Claims };

interface ProviderOptions {
  /** The claims of the person stand in the ID token; false: at the userinfo endpoint alone. */
  idTokenClaims?: boolean;
  /** Where browsers can log out. */
  endSession?: boolean;
}

/** A provider of OpenID Connect on this machine. It is another site than the controller, as in the world. */
export interface TestProvider {
  issuer: string;
  /** Who can log in there, with what is told of them. */
  people: Map<string, Claims>;
  /** Changes ID tokens before they are signed; null signs with a key that nobody knows. */
  tamper: ((token: Jwt) => Jwt | Promise<Jwt>) | "wrong key" | null;
  /** It closes every connection without a word. */
  isDown: boolean;
  /** It takes every request, and answers none. */
  isSilent: boolean;
  /** The requests that it got, by path. */
  requests: string[];
  /** Settings of a controller that uses it. */
  settings(rules: unknown[]): Record<string, string>;
  /** To be called once the address of the controller is known. */
  serve(controllerUrl: string): void;
  stop(): Promise<void>;
}

export async function startProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = (_request, response) => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => {
    provider.requests.push(new URL(request.url ?? "/", provider.issuer).pathname);
    if (provider.isDown) request.socket.destroy();
    else if (!provider.isSilent) void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider: TestProvider = {
    issuer,
    people: new Map(),
    tamper: null,
    isDown: false,
    isSilent: false,
    requests: [],
    settings: (rules) => ({
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      OIDC_CLIENT_SECRET: CLIENT_SECRET,
      OIDC_SCOPES: "openid profile email groups",
      OIDC_ROLE_MAP: JSON.stringify(rules),
      SECRETS_KEY: Buffer.alloc(32, 7).toString("base64"),
    }),
    serve: (controllerUrl) => {
      handle = createHandler(provider, controllerUrl, options);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}

function createHandler(test: TestProvider, controllerUrl: string, options: ProviderOptions) {
  const [key, wrongKey] = [newKey(), newKey()];
  const configuration: Configuration = {
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${controllerUrl}/api/v1/internal/auth/sso/callback`],
        post_logout_redirect_uris: [`${controllerUrl}/login`],
      },
    ],
    claims: {
      openid: ["sub"],
      profile: ["preferred_username", "name"],
      email: ["email", "email_verified"],
      groups: ["groups", "_claim_names"],
    },
    scopes: ["openid", "profile", "email", "groups"],
    conformIdTokenClaims: options.idTokenClaims === false,
    cookies: { keys: [randomBytes(16).toString("hex")] },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: options.endSession ?? true,
        logoutSource: (context, form) => {
          const button = '<button form="op.logoutForm" name="logout" value="yes">Yes, log out</button>';
          context.body = page(`${form}${button}`);
        },
      },
    },
    findAccount: (_context, sub) => {
      const claims = test.people.get(sub);
      return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [{ ...key.export({ format: "jwk" }), use: "sig", alg: "RS256" }] } as NonNullable<
      Configuration["jwks"]
    >,
    // Nobody is asked whether the controller may know what they let it know by logging in.
    loadExistingGrant: async (context) => {
      const { client, session } = context.oidc;
      if (!client || !session?.accountId) return undefined;
      const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid profile email groups");
      await grant.save();
      return grant;
    },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  };
  const provider = new Provider(test.issuer, configuration);
  provider.use(async (context, next) => {
    await next();
    const body = context.body as { id_token?: string } | undefined;
    if (context.path !== "/token" || !test.tamper || !body?.id_token) return;
    const token = decodeJwt(body.id_token);
    if (test.tamper === "wrong key") body.id_token = signJwt(token, wrongKey);
    else body.id_token = signJwt(await test.tamper(token), key);
  });
  const callback = provider.callback();
  return async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", test.issuer);
    if (!url.pathname.startsWith("/interaction/")) return await callback(request, response);
    const name = url.searchParams.get("name");
    if (name === null) {
      response.writeHead(200, { "Content-Type": "text/html" }).end(loginPage([...test.people.keys()]));
    } else if (test.people.has(name)) {
      await provider.interactionFinished(request, response, { login: { accountId: name } });
    } else {
      const error = { error: "access_denied", error_description: "<script>document.title = 'reflected'</script>" };
      await provider.interactionFinished(request, response, error);
    }
  };
}

function loginPage(names: string[]): string {
  const buttons = [...names, "nobody"].map((name) => `<button name="name" value="${name}">${name}</button>`).join(" ");
  return page(`<form>${buttons}</form>`);
}

function page(content: string): string {
  const icon = '<link rel="icon" href="data:,">';
  return `<!doctype html><html lang="en">${icon}<title>Provider</title><h1>The provider</h1>${content}</html>`;
}

function newKey() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function decodeJwt(jwt: string): Jwt {
  const [header, claims] = jwt
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")));
  return { header, claims };
}

function signJwt({ header, claims }: Jwt, key: ReturnType<typeof newKey>): string {
  const content = `${encode(header)}.${encode(claims)}`;
  if (header.alg === "none") return `${content}.`;
  return `${content}.${createSign("sha256").update(content).sign(key).toString("base64url")}`;
}
