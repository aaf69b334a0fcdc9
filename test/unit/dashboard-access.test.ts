import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { passwordProblem } from "../../dashboard/src/features/session/password-rules.ts";
import { endOf, endText } from "../../dashboard/src/features/tokens/expiry.ts";
import { agentSecret, apiSecret, joinSecret } from "../../dashboard/src/features/tokens/secrets.ts";
import { mayGive } from "../../dashboard/src/features/users/users.ts";
import { type Actor, coversRole } from "../../worker/contract/actor.ts";
import { newPassword } from "../../worker/contract/people.ts";
import { ROLES } from "../../worker/contract/values/access.ts";
import { newToken, parseToken } from "../../worker/platform/tokens.ts";

const NOW = Date.UTC(2026, 0, 10, 12);
const DAY_MS = 86_400_000;

describe("what is shown of a token, once", () => {
  it("is an address and an environment with which an orchestrator gets in, with TLS where the page has it", () => {
    const { text } = newToken("agent", "org-002");
    const [address, environment] = agentSecret("org-002", text, { protocol: "https:", host: "c.example" });
    const url = new URL(String(address?.text));
    expect([url.protocol, url.host, url.pathname]).toEqual(["wss:", "c.example", "/ws"]);
    expect(url.username).toBe("org-002");
    expect(parseToken(decodeURIComponent(url.password))).toMatchObject({ kind: "agent", orchestratorId: "org-002" });
    expect(environment?.text.split("\n")).toEqual([
      "ORCHESTRATOR_ID=org-002",
      `CONTROLLER_WS_URL=${address?.text}`,
      "ORCHESTRATOR_HTTP_ENABLED=false",
      "SSL_DISABLED=false",
    ]);
    const [plain, variables] = agentSecret("org-002", text, { protocol: "http:", host: "127.0.0.1:8787" });
    expect(plain?.text).toBe(`ws://org-002:${text}@127.0.0.1:8787/ws`);
    expect(variables?.text).not.toContain("SSL_DISABLED");
  });

  it("is a command that joins as the one orchestrator, or leaves a place for the id", () => {
    const place = { protocol: "https:", host: "c.example" };
    expect(joinSecret("mcj_x", "edge-1", place)[1]?.text).toContain(`-d '{"orchestrator_id":"edge-1"}'`);
    expect(joinSecret("mcj_x", null, place)[1]?.text).toContain(`-d '{"orchestrator_id":"ORCHESTRATOR_ID"}'`);
    expect(apiSecret("mct_x", place)[1]?.text).toContain("https://c.example/api/v1/controller/organizations");
  });

  it("is in no command that goes to a shell's history and the list of processes", () => {
    const place = { protocol: "https:", host: "c.example" };
    const commands = [...joinSecret("mcj_x", null, place), ...apiSecret("mct_x", place, true)]
      .map(({ text }) => text)
      .filter((text) => text.includes("curl"));
    expect(commands).toHaveLength(2);
    for (const command of commands) expect(command).not.toMatch(/mc[jt]_x/);
  });

  it("goes from the terminal to the request by way of a command that works as it is shown", async () => {
    const server = createServer((request, response) => response.end(request.headers.authorization));
    await once(server.listen(0, "127.0.0.1"), "listening");
    try {
      const place = { protocol: "http:", host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
      for (const command of [joinSecret("", "edge-1", place)[1]?.text, apiSecret("", place)[1]?.text]) {
        const shell = spawn("bash", ["-c", String(command)]);
        shell.stdin.end("mct_typed\n");
        expect(await text(shell.stdout)).toBe("Bearer mct_typed");
      }
    } finally {
      server.close();
    }
  });
});

describe("the end of a token", () => {
  it("is so many days from now, or none", () => {
    expect(endOf("30", NOW)).toBe(new Date(NOW + 30 * DAY_MS).toISOString());
    expect(endOf("never", NOW)).toBeNull();
  });

  it("is told by the day, and by what is left when that is little", () => {
    expect(endText(NOW + 30 * DAY_MS, NOW, "utc")).toBe("Feb 9, 2026");
    expect(endText(NOW + 5 * 3_600_000, NOW, "utc")).toBe("in 5 h");
    expect(endText(NOW + 1, NOW, "utc")).toBe("in 1 min");
    expect(endText(NOW, NOW, "utc")).toBe("Jan 10, 2026");
  });
});

describe("the rules that the forms know before the controller is asked", () => {
  it("take and refuse the same passwords", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 270 }), (password) => {
        expect(passwordProblem(password) === null).toBe(newPassword.safeParse(password).success);
      }),
    );
    expect(passwordProblem("x".repeat(256))).toBeNull();
    expect(passwordProblem("ü".repeat(129))).toBe("Use at most 256 bytes.");
  });

  it("offer the roles that the controller lets one give", () => {
    for (const own of ROLES) {
      const actor: Actor = { kind: "user", name: "ada", role: own, organizations: null };
      for (const role of ROLES) expect(mayGive(own, role)).toBe(coversRole(actor, role));
    }
    expect(mayGive(undefined, "viewer")).toBe(false);
  });
});
