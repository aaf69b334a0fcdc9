import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rotateSecrets } from "../../scripts/lib/rotate-secrets.ts";
import { decryptSecret, sealedUnder, secretsKeyId } from "../../worker/secrets.ts";
import { type Stack, startStack } from "../support/stack.ts";

const newKey = () => randomBytes(32).toString("base64");
const FIRST = newKey();
const SECOND = newKey();
const IDS = Array.from({ length: 120 }, (_, index) => `org-${String(index).padStart(3, "0")}`);

describe("npm run secrets:rotate", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ secrets: { SECRETS_KEY: FIRST } });
    for (const id of IDS) {
      const { status } = await stack.controller.call("POST", "/api/v1/internal/orchestrators/register", {
        orchestrator_id: id,
        organization_id: id,
        database_url: `secret database of ${id}`,
        environment_variables: { API_KEY: `secret key of ${id}` },
      });
      expect(status).toBe(200);
    }
    await stack.register("org-without");
  });
  afterAll(() => stack?.stop());

  const rotate = (previous: string, current: string) =>
    rotateSecrets(
      { url: stack.database.url, ownerUrl: stack.database.ownerUrl, endpoint: stack.database.endpoint },
      { previous, current },
    );
  const stored = async (id: string) => {
    const [row] = await stack.database.query(
      `SELECT database_url, environment_variables ->> 'API_KEY' AS variable
       FROM orchestrator_instances WHERE orchestrator_id = $1`,
      [id],
    );
    return { database: String(row?.database_url), variable: String(row?.variable) };
  };

  it("encrypts every secret under the new key, and what it says is the same", async () => {
    expect(await rotate(FIRST, SECOND)).toEqual({ rotated: IDS.length, current: 0, unreadable: [] });
    const id = "org-077";
    const { database, variable } = await stored(id);
    const place = { table: "orchestrator_instances", column: "database_url", orchestratorId: id };
    expect(await decryptSecret(SECOND, database, place)).toBe(`secret database of ${id}`);
    expect(await decryptSecret(SECOND, variable, { ...place, column: "environment_variables.API_KEY" })).toBe(
      `secret key of ${id}`,
    );
  });

  it("has nothing left to do the second time", async () => {
    expect(await rotate(FIRST, SECOND)).toEqual({ rotated: 0, current: IDS.length, unreadable: [] });
  });

  it("leaves alone and names what neither key can read", async () => {
    const id = "org-003";
    const foreign = (await stored("org-004")).database;
    await stack.database.query("UPDATE orchestrator_instances SET database_url = $1 WHERE orchestrator_id = $2", [
      foreign,
      id,
    ]);
    const third = newKey();
    expect(await rotate(SECOND, third)).toEqual({ rotated: IDS.length - 1, current: 0, unreadable: [id] });
    const { database, variable } = await stored(id);
    expect(database).toBe(foreign);
    expect(sealedUnder(variable)).toBe(await secretsKeyId(SECOND));
  });

  it("refuses a key that is none before it touches anything", async () => {
    const before = await stored("org-001");
    await expect(rotate("too short", SECOND)).rejects.toThrow("PREVIOUS_SECRETS_KEY must be 32 bytes in base64");
    await expect(rotate(FIRST, "too short")).rejects.toThrow(/^SECRETS_KEY must be 32 bytes in base64/);
    expect(await stored("org-001")).toEqual(before);
  });
});
