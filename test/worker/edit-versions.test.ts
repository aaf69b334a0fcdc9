import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { withDatabase } from "../../worker/db/client.ts";
import { CONTROLLER, call, register } from "./api.ts";
import { createPerson, USERS } from "./people.ts";

const pathOf = (id: string) => `${CONTROLLER}/organizations/${id}`;
const read = async (path: string) => {
  const { body, headers } = await call("GET", path);
  return { data: body.data, etag: headers.get("ETag") ?? "" };
};

describe("edits of an organization", () => {
  it("B11: of two people from the same page both stand, because each changes only what it sends", async () => {
    await register("ver-a", { organization_id: "ver-acme", name: "Acme", location: "Berlin" });
    const seen = (await read(pathOf("ver-acme"))).data;
    expect(seen.metadata).toEqual({});
    const answers = await Promise.all([
      call("PUT", pathOf("ver-acme"), { body: { metadata: { a: 1 } } }),
      call("PUT", pathOf("ver-acme"), { body: { metadata: { b: 2 } } }),
      call("PUT", pathOf("ver-acme"), { body: { name: "Acme GmbH" } }),
      call("PUT", pathOf("ver-acme"), { body: { location: "Oslo" } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { data } = await read(pathOf("ver-acme"));
    expect(data).toMatchObject({ name: "Acme GmbH", location: "Oslo", metadata: { a: 1, b: 2 } });
    expect(data.edit_version).toBe(seen.edit_version + 4);
    const rows = (await call("GET", `${CONTROLLER}/audit?action=organization.update&target=ver-acme`)).body.data.items;
    const changes = rows.map(({ before, after }: Record<string, unknown>) => ({ before, after }));
    expect(changes).toHaveLength(4);
    expect(changes).toEqual(
      expect.arrayContaining([
        { before: { metadata: {} }, after: { metadata: { a: 1 } } },
        { before: { metadata: {} }, after: { metadata: { b: 2 } } },
        { before: { name: "Acme" }, after: { name: "Acme GmbH" } },
        { before: { location: "Berlin" }, after: { location: "Oslo" } },
      ]),
    );
  });

  it("take back a stored name that looks like a secret, and no new one", async () => {
    await register("ver-s", { organization_id: "ver-secret", location: "Oslo" });
    const name = "Token: Berlin";
    await withDatabase(env, (db) =>
      db.execute(sql`UPDATE organizations SET name = ${name} WHERE organization_id = 'ver-secret'`),
    );
    const put = async (body: object) => (await call("PUT", pathOf("ver-secret"), { body })).status;
    expect(await put({ name, location: "Bergen" })).toBe(200);
    expect((await read(pathOf("ver-secret"))).data).toMatchObject({ name, location: "Bergen" });
    expect([await put({ name: "Token: Bonn" }), await put({ location: name })]).toEqual([422, 422]);
  });

  it("B11: that expect another version are refused with what is stored now", async () => {
    await register("ver-b", { organization_id: "ver-b-org", name: "Acme" });
    const { data: seen, etag } = await read(pathOf("ver-b-org"));
    expect(etag).toBe(`"${seen.edit_version}"`);
    const mine = { name: "Mine", expected_version: seen.edit_version };
    const first = await call("PUT", pathOf("ver-b-org"), {
      body: { name: "Theirs", expected_version: seen.edit_version },
    });
    expect(first.status, first.text).toBe(200);
    expect(first.headers.get("ETag")).toBe(`"${seen.edit_version + 1}"`);
    for (const request of [{ body: mine }, { body: { name: "Mine" }, headers: { "If-Match": etag } }]) {
      const refused = await call("PUT", pathOf("ver-b-org"), request);
      expect(refused.status).toBe(409);
      expect(refused.body.error).toMatchObject({
        code: "version_conflict",
        current: { organization_id: "ver-b-org", name: "Theirs", edit_version: seen.edit_version + 1 },
      });
    }
    expect((await read(pathOf("ver-b-org"))).data.name).toBe("Theirs");
    const again = await call("PUT", pathOf("ver-b-org"), {
      body: { name: "Mine" },
      headers: { "If-Match": `W/"${seen.edit_version + 1}"` },
    });
    expect(again.body.data).toMatchObject({ name: "Mine", edit_version: seen.edit_version + 2 });
    // Nothing changes: no version, no row of the audit.
    const same = await call("PUT", pathOf("ver-b-org"), { body: { name: "Mine", metadata: {} } });
    expect(same.body.data.edit_version).toBe(seen.edit_version + 2);
    expect(
      (await call("PUT", pathOf("ver-b-org"), { body: { name: "Mine" }, headers: { "If-Match": "mine" } })).status,
    ).toBe(422);
    expect(
      (await call("PUT", pathOf("ver-b-org"), { body: { name: "Any" }, headers: { "If-Match": "*" } })).status,
    ).toBe(200);
  });
});

describe("edits of a configuration", () => {
  it("B11 sibling: features and configuration take a revision or an ETag, and answer with what is stored now", async () => {
    await register("ver-c");
    const { etag } = await read(`${pathOf("ver-c")}/config`);
    expect(etag).toBe('"0"');
    expect(
      (
        await call("PUT", `${pathOf("ver-c")}/features`, {
          body: { features: { a: 1 } },
          headers: { "If-Match": etag },
        })
      ).status,
    ).toBe(200);
    for (const [path, body] of [
      ["features", { features: { b: 1 } }],
      ["config", { settings: { b: 1 } }],
    ] as const) {
      for (const request of [{ body: { ...body, expected_revision: 0 } }, { body, headers: { "If-Match": etag } }]) {
        const refused = await call("PUT", `${pathOf("ver-c")}/${path}`, request);
        expect(refused.status, path).toBe(409);
        expect(refused.body.error).toMatchObject({
          code: "version_conflict",
          current: { organization_id: "ver-c", revision: 1, features: { a: 1 }, settings: {} },
        });
      }
    }
  });
});

describe("edits of a user", () => {
  it("B11 sibling: that expect another version are refused, and the audit tells only what changed", async () => {
    const person = await createPerson("ver-person", "viewer");
    const path = `${USERS}/${person.user_id}`;
    const listed = async () =>
      (await call("GET", `${USERS}?q=ver-person`)).body.data.items[0] as { edit_version: number; role: string };
    const seen = await listed();
    const first = await call("PUT", path, { body: { role: "operator", expected_version: seen.edit_version } });
    expect(first.status, first.text).toBe(200);
    const refused = await call("PUT", path, { body: { is_active: false, expected_version: seen.edit_version } });
    expect(refused.status).toBe(409);
    expect(refused.body.error).toMatchObject({
      code: "version_conflict",
      current: { role: "operator", is_active: true },
    });
    const rows = (await call("GET", `${CONTROLLER}/audit?action=user.update&target=ver-person`)).body.data.items;
    expect(rows.map(({ before, after }: Record<string, unknown>) => ({ before, after }))).toEqual([
      { before: { role: "viewer" }, after: { role: "operator" } },
    ]);
  });
});
