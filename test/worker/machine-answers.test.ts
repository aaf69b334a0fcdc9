import { exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { bearer, firstToken } from "./agent-token-calls.ts";
import { CONTROLLER, call, DEV_TOKEN, register } from "./api.ts";
import { upgrade } from "./client.ts";

const HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  call(method, path, { bearer: null, headers });

const PROBES = ["/healthz", "/health/", "/metrics", "/wp-login.php", "/assets/index-0000.js", "/robots.txt", "/.env"];

describe("a path that nothing answers", () => {
  it.each(PROBES)("B24: %s is 404 with a JSON body for a machine", async (path) => {
    for (const headers of [{}, { Accept: "*/*" }, { Accept: "application/json" }]) {
      const answer = await get(path, headers);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ success: false, error: { code: "not_found" } });
    }
  });

  it("B24: is 404 also for a HEAD, and for a browser, which gets a page with that status", async () => {
    const head = new Request("https://controller.test/healthz", { method: "HEAD" });
    expect((await exports.default.fetch(head)).status).toBe(404);
    const shown = await get("/healthz", { Accept: HTML });
    expect([shown.status, shown.headers.get("Content-Type")]).toEqual([404, "text/html; charset=utf-8"]);
  });

  it.each(["/assets/index-0000.js", "/docs-ui/gone.css", "/api/nothing", "/ws/a/b"])(
    "B24 sibling: %s is never a page, whoever asks",
    async (path) => {
      const answer = await get(path, { Accept: HTML });
      expect([answer.status, answer.body?.error.code]).toEqual([
        path.startsWith("/ws") ? 426 : 404,
        expect.any(String),
      ]);
    },
  );

  it("B24 sibling: a slash behind the path of a route is another path", async () => {
    for (const path of [`${CONTROLLER}/organizations/`, "/health/", "/openapi.json/"]) {
      expect((await call("GET", path)).body).toMatchObject({ error: { code: "not_found" } });
    }
  });

  it("B24 sibling: a write to it is 404 as well, and one to a page names what is allowed", async () => {
    expect((await get("/healthz", {}, "POST")).status).toBe(404);
    const page = await get("/organizations", {}, "POST");
    expect([page.status, page.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("a page of the dashboard", () => {
  it.each(["/", "/login", "/organizations", "/organizations/org-1", "/organizations/org-1/config", "/settings"])(
    "is served at %s, to GET and HEAD",
    async (path) => {
      for (const method of ["GET", "HEAD"]) {
        const answer = await get(path, { Accept: HTML }, method);
        expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
      }
    },
  );

  it("is found behind a slash too much", async () => {
    const answer = await get("/organizations/?q=seen:%3E5m");
    expect([answer.status, answer.headers.get("Location")]).toEqual([301, "/organizations?q=seen:%3E5m"]);
  });

  it("is none at an unknown tab", async () => {
    expect((await get("/organizations/org-1/healthz")).status).toBe(404);
  });
});

describe("a WebSocket at a wrong path", () => {
  it.each(["/websocket", "/socket.io/?EIO=4", "/organizations", "/login", "/health", "/api/v1/ws", "/docs"])(
    "B24: is refused at %s with 404 and JSON that names the right one",
    async (path) => {
      const answer = await upgrade(path);
      expect(answer.status).toBe(404);
      const body = await answer.json();
      expect(body).toMatchObject({ success: false, error: { code: "not_found" } });
      expect(body).toMatchObject({ message: expect.stringContaining("/ws") });
    },
  );

  it("B24 sibling: is refused at a route that answers data, also with a good credential", async () => {
    const headers = { Upgrade: "websocket", Connection: "Upgrade" };
    expect((await call("GET", `${CONTROLLER}/organizations`, { headers })).status).toBe(404);
    // What HTTP/2 clients offer with a first request is no WebSocket.
    expect((await call("GET", "/health", { headers: { Upgrade: "h2c" } })).status).toBe(200);
  });
});

describe("the Origin of an orchestrator's socket", () => {
  it("B29: may be the controller's own host, in either scheme", async () => {
    const token = await firstToken("mac-own");
    for (const origin of ["http://controller.test", "https://controller.test", "https://controller.test:443"]) {
      for (const path of ["/ws", "/ws/mac-own", "/"]) {
        expect((await upgrade(path, { ...bearer(token), Origin: origin })).status, `${path} from ${origin}`).toBe(101);
      }
    }
  });

  it("B29: is refused when it is foreign, by a body that names the header and the setting", async () => {
    const token = await firstToken("mac-foreign");
    for (const origin of [
      "https://evil.example",
      "https://controller.test.evil.example",
      "http://controller.test:8",
      "null",
    ]) {
      const answer = await upgrade("/ws", { ...bearer(token), Origin: origin });
      expect(answer.status, origin).toBe(403);
      const body = (await answer.json()) as { message: string };
      expect(body).toMatchObject({ error: { code: "origin_rejected" } });
      expect(body.message).toContain(origin);
      expect(body.message).toMatch(/Origin header.*ALLOWED_ORIGINS/s);
    }
  });

  it("B29: is looked at after the credential", async () => {
    const token = await firstToken("mac-order");
    const wrong = `${token.slice(0, -1)}${token.endsWith("a") ? "b" : "a"}`;
    expect((await upgrade("/ws", { ...bearer(wrong), Origin: "https://evil.example" })).status).toBe(401);
  });
});

describe("the charset of a body", () => {
  const put = (type: string) =>
    call("POST", `${CONTROLLER}/organizations`, { body: "{}", headers: { "Content-Type": type } });

  it.each(["latin1", "iso-8859-1", "UTF-16", '"windows-1252"'])(
    "is refused when it is %s, by name",
    async (charset) => {
      for (const type of [`application/json; charset=${charset}`, `application/json;profile=x;Charset=${charset}`]) {
        const answer = await put(type);
        expect([answer.status, answer.body.error.code]).toEqual([415, "unsupported_media_type"]);
        expect(answer.body.message).toContain(charset.replaceAll('"', ""));
      }
    },
  );

  it.each(["", "; charset=utf-8", ";charset=UTF-8", '; charset="utf-8"', "; charset=utf8", "; profile=x", ";"])(
    "is UTF-8 or absent: application/json%s",
    async (parameters) => {
      expect((await put(`application/json${parameters}`)).status).toBe(422);
    },
  );

  it.each(["application/merge-patch+json", "application/vnd.api+json", "text/json", "application/jsonp"])(
    "does not make another media type one of ours: %s",
    async (type) => {
      await register("mac-type");
      expect((await put(type)).status).toBe(415);
    },
  );
});

describe("the Origin of a stream", () => {
  it("B29 sibling: may be the controller's own host in either scheme for a bearer token, and not a foreign one", async () => {
    const attempt = async (Origin: string) => {
      const { status, webSocket } = await upgrade("/api/v1/stream", { Authorization: `Bearer ${DEV_TOKEN}`, Origin });
      webSocket?.accept();
      webSocket?.close(1000);
      return status;
    };
    expect(await attempt("http://controller.test")).toBe(101);
    expect(await attempt("https://controller.test")).toBe(101);
    expect(await attempt("https://evil.example")).toBe(403);
  });
});
