import { describe, expect, it } from "vitest";
import { CONTROLLER, call, INTERNAL } from "./api.ts";
import { upgrade } from "./client.ts";
import { sessionOf } from "./session.ts";

/** What a page sends with the cookie of somebody whose name is their role. */
async function pageOf(role: "viewer" | "operator", believes: string | null) {
  const cookie = `__Host-moolai_session=${await sessionOf(role, null)}`;
  return {
    bearer: null,
    headers: {
      Cookie: cookie,
      "X-Requested-With": "moolai",
      "Sec-Fetch-Site": "same-origin",
      ...(believes !== null && { "X-Moolai-User": encodeURIComponent(believes) }),
    },
  };
}

describe("a page whose session is that of somebody else now", () => {
  it("B28: is refused reads and writes, and told who that is", async () => {
    const page = await pageOf("operator", "ada");
    const read = await call("GET", `${CONTROLLER}/organizations`, page);
    expect(read.status).toBe(409);
    expect(read.body.error).toMatchObject({ code: "session_changed", details: [{ message: "operator" }] });
    const body = { message_type: "recommendation", content: "as ada" };
    expect((await call("POST", `${INTERNAL}/orchestrators/org-2/messages`, { ...page, body })).status).toBe(409);
    expect((await call("POST", `${INTERNAL}/auth/logout`, page)).status).toBe(409);
    expect((await call("GET", `${INTERNAL}/auth/me`, await pageOf("operator", null))).status).toBe(200);
  });

  it("B28 sibling: goes on when it is the same person, whatever the name is written with", async () => {
    expect((await call("GET", `${INTERNAL}/auth/me`, await pageOf("viewer", "viewer"))).status).toBe(200);
    expect((await call("GET", `${INTERNAL}/auth/me`, await pageOf("viewer", "jörg%"))).status).toBe(409);
  });

  it("B28 sibling: gets no stream either", async () => {
    const { headers } = await pageOf("operator", null);
    const cookie = { Cookie: headers.Cookie, Origin: "http://controller.test" };
    expect((await upgrade("/api/v1/stream?shard=0&user=ada", cookie)).status).toBe(409);
    const { status, webSocket } = await upgrade("/api/v1/stream?shard=0&user=operator", cookie);
    expect(status).toBe(101);
    webSocket?.accept();
    webSocket?.close();
  });

  it("B28 sibling: a program with a token is not asked who it is", async () => {
    const headers = { "X-Moolai-User": "ada" };
    expect((await call("GET", `${INTERNAL}/auth/me`, { headers })).status).toBe(200);
  });
});
