import type { Controller } from "./controller.ts";
import type { TestProvider } from "./oidc.ts";

const START = "/api/v1/internal/auth/sso/start";

/** What a browser does between the button and the login page, with its cookies. */
export class SsoBrowser {
  readonly #controller: Controller;
  readonly #provider: TestProvider;
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly #address: string;

  constructor(controller: Controller, provider: TestProvider, address = nextAddress()) {
    this.#controller = controller;
    this.#provider = provider;
    this.#address = address;
  }

  /** Presses the button, and logs in at the provider. The answer is the address that leads back, not yet opened. */
  async goThere(name: string, next = "/"): Promise<string> {
    let url = new URL(`${START}?next=${encodeURIComponent(next)}`, this.#controller.url);
    for (let steps = 0; steps < 10; steps++) {
      const response = await this.open(url);
      const location = response.headers.get("Location");
      if (location === null) {
        if (!url.pathname.startsWith("/interaction/"))
          throw new Error(`${url}: ${response.status} ${await response.text()}`);
        url.searchParams.set("name", name);
        continue;
      }
      url = new URL(location, url);
      if (url.origin === this.#controller.url) return url.href;
    }
    throw new Error("the provider leads in circles");
  }

  /** Opens the address that leads back. The answer is the address of the login page. */
  async comeBack(address: string): Promise<URL> {
    const response = await this.open(new URL(address));
    const location = response.headers.get("Location");
    if (response.status !== 303 || !location)
      throw new Error(`${address}: ${response.status} ${await response.text()}`);
    return new URL(location, this.#controller.url);
  }

  async logIn(name: string, next?: string): Promise<URL> {
    return await this.comeBack(await this.goThere(name, next));
  }

  /** Why the login page says that nobody is logged in; null: somebody is. */
  async refusalOf(name: string): Promise<string | null> {
    const { searchParams } = await this.logIn(name);
    return searchParams.get("error");
  }

  async me() {
    const { body } = await this.call("GET", "/api/v1/internal/auth/me");
    return body;
  }

  call(method: string, path: string, body?: unknown) {
    const headers = { ...this.#headersFor(new URL(this.#controller.url)), "X-Requested-With": "moolai" };
    return this.#controller.call(method, path, body, {
      bearer: null,
      headers: { ...headers, Origin: this.#controller.url },
    });
  }

  cookie(name: string): string | undefined {
    return this.#jarOf(new URL(this.#controller.url)).get(name);
  }

  setCookie(name: string, value: string): void {
    this.#jarOf(new URL(this.#controller.url)).set(name, value);
  }

  async open(url: URL): Promise<Response> {
    const headers = this.#headersFor(url);
    const response =
      url.origin === this.#controller.url
        ? await this.#controller.fetch(url.pathname + url.search, { bearer: null, headers })
        : await fetch(url, { headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) this.#keep(url, line);
    return response;
  }

  /** Forgets who is logged in at the provider. */
  leaveProvider(): void {
    this.#jarOf(new URL(this.#provider.issuer)).clear();
  }

  #headersFor(url: URL): Record<string, string> {
    const cookies = [...this.#jarOf(url)].map(([name, value]) => `${name}=${value}`).join("; ");
    return { ...(cookies && { Cookie: cookies }), "CF-Connecting-IP": this.#address };
  }

  #jarOf(url: URL): Map<string, string> {
    const jar = this.#cookies.get(url.origin) ?? new Map<string, string>();
    this.#cookies.set(url.origin, jar);
    return jar;
  }

  #keep(url: URL, line: string): void {
    const [pair = "", ...attributes] = line.split(/; */);
    const [name = "", value = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    const isGone = attributes.some((text) => /^max-age=0$/i.test(text) || /^expires=Thu, 01 Jan 1970/i.test(text));
    if (isGone || value === "") this.#jarOf(url).delete(name);
    else this.#jarOf(url).set(name, value);
  }
}

let addresses = 0;
/** Each browser its own address, so that failures of one do not count for another. */
function nextAddress(): string {
  addresses += 1;
  return `2001:db8:50:${addresses.toString(16)}::1`;
}
