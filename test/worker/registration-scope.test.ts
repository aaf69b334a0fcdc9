import { describe, expect, it } from "vitest";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";
import { sessionOf } from "./session.ts";

describe("registering", () => {
  it("changes nothing of another organization's orchestrator that bears the id of one's own organization", async () => {
    await register("own-home", { organization_id: "own-foreign", name: "Foreign" });
    const bearer = await sessionOf("admin", ["own-home"]);
    const body = { orchestrator_id: "own-home", name: "Taken over" };
    const answer = await call("POST", `${INTERNAL}/orchestrators/register`, { body, bearer });
    expect([answer.status, answer.body.error?.code]).toEqual([409, "already_exists"]);
    expect(answer.text).not.toContain("own-foreign");
    const { data } = (await call("GET", `${CONTROLLER}/orchestrators/own-home`)).body;
    expect(data).toMatchObject({ name: "Foreign", organization_id: "own-foreign" });
  });
});
