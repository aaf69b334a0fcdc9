import { describe, expect, it } from "vitest";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";

const ID = "calendar-edges";
const HEARTBEAT = `${INTERNAL}/orchestrators/heartbeat`;

/** The document that programs read, so that a new parameter cannot be forgotten here. */
interface Operation {
  parameters?: { name: string; in: string; schema?: unknown }[];
  requestBody?: { content: { "application/json"?: { schema: unknown } } };
}

const MOMENTS = [
  "0000-01-01",
  "0001-01-01",
  "0001-01-01T00:00:00Z",
  "0001-01-01T00:00:00+14:00",
  "0099-12-31",
  "2016-12-31T23:59:60Z",
  "2025-02-29",
  "2025-02-30",
  "2025-06-15T24:00:00Z",
  "2024-02-29T12:00:00.123456789012345678901234567890Z",
  "9999-12-31",
  "9999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59.999-14:00",
  "+010000-01-01T00:00:00Z",
  "-000001-01-01T00:00:00Z",
  "-271821-04-20T00:00:00.000Z",
  "+275760-09-13T00:00:00.000Z",
  "9".repeat(400),
  "1e308",
  "NaN",
  "infinity",
  "epoch",
  "",
];

async function operations(): Promise<[method: string, path: string, operation: Operation][]> {
  const { body } = await call("GET", "/openapi.json");
  const schemas = body.components.schemas as Record<string, unknown>;
  // Bodies stand apart, under names.
  const text = JSON.stringify(body.paths).replaceAll(
    /\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g,
    (_, name: string) => JSON.stringify(schemas[name]),
  );
  const paths = JSON.parse(text) as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      method.toUpperCase(),
      path.replaceAll(/\{\w+\}/g, ID),
      operation,
    ]),
  );
}

/** Whether a moment may stand there: in the schema itself, or in what it is one of. */
function isMoment(schema: unknown): boolean {
  return /"format":"date(-time)?"/.test(JSON.stringify(schema ?? null));
}

describe("a moment at the edge of the calendar", () => {
  it("is answered with a page or refused with its field named, in every query that takes one", async () => {
    await register(ID);
    const queries = (await operations()).flatMap(([method, path, { parameters = [] }]) => {
      const own = parameters.filter((parameter) => parameter.in === "query");
      const formats = own.some(({ name }) => name === "format") ? ["json", "csv"] : ["json"];
      return own
        .filter(({ schema }) => isMoment(schema))
        .flatMap(({ name }) => formats.map((format) => ({ method, path, name, format })));
    });
    expect(queries.length).toBeGreaterThan(12);
    for (const { method, path, name, format } of queries) {
      for (const value of MOMENTS) {
        const asked = `${path}?${name}=${encodeURIComponent(value)}${format === "csv" ? "&format=csv" : ""}`;
        const answer = await call(method, asked);
        expect([200, 422], `${asked} → ${answer.status} ${answer.text.slice(0, 200)}`).toContain(answer.status);
        if (answer.status === 422) {
          expect(answer.body.error.details[0].path, asked).toMatch(
            new RegExp(`^/query/(?:${name}|start_date|granularity)$`),
          );
        }
      }
    }
  });

  it.each(["hour", "day", "week", "month"])(
    "is a point of the costs by %s, or too many of them",
    async (granularity) => {
      for (const [start, end] of [
        ["0001-01-01", "0001-01-03"],
        ["0001-01-01", "0003-02-01"],
        ["0099-12-30", "0100-01-02"],
        ["9999-12-30", "9999-12-31"],
        ["9998-01-01", "9999-12-31T23:59:59.999Z"],
        ["0001-01-01", "9999-12-31"],
      ]) {
        const query = `start_date=${start}&end_date=${end}&granularity=${granularity}`;
        const answer = await call("GET", `${CONTROLLER}/costs?${query}`);
        expect([200, 422], `${query}: ${answer.text.slice(0, 200)}`).toContain(answer.status);
        if (answer.status !== 200) continue;
        const { history } = answer.body.data;
        expect(history.length, query).toBeGreaterThan(0);
        // A month of the year 1 is no month of 1901.
        expect(history[0].date.slice(0, 2), query).toBe(start?.slice(0, 2) === "00" ? "00" : "99");
      }
    },
  );

  it("is refused with its field named, in every body that takes one", async () => {
    const expiring = [
      [`${CONTROLLER}/orchestrators/${ID}/tokens`, {}],
      [`${CONTROLLER}/organizations/${ID}/join-tokens`, {}],
      [`${CONTROLLER}/api-tokens`, { name: "edges", scopes: ["read"] }],
    ] as const;
    const found = (await operations()).flatMap(([, path, { requestBody }]) =>
      isMoment(requestBody?.content["application/json"]?.schema) ? [path] : [],
    );
    expect(found.sort()).toEqual([...expiring.map(([path]) => path), HEARTBEAT].sort());
    for (const [path, body] of expiring) {
      for (const value of [...MOMENTS, 0, -1, 1e308, 253402300800000]) {
        const answer = await call("POST", path, { body: { ...body, expires_at: value } });
        expect(answer.status, `${path} ${value}: ${answer.text.slice(0, 200)}`).toBe(422);
        expect(answer.body.error.details[0].path).toBe("/body/expires_at");
      }
    }
  });

  it("is never a reason to refuse a heartbeat", async () => {
    for (const timestamp of [...MOMENTS, 0, -1, 1e308, 8.64e15]) {
      const body = { orchestrator_id: ID, timestamp };
      const answer = await call("POST", HEARTBEAT, { body });
      expect(answer.status, `${timestamp}: ${answer.text.slice(0, 200)}`).toBe(200);
    }
    expect((await call("GET", `${CONTROLLER}/orchestrators/${ID}`)).status).toBe(200);
  });

  it("or a number that is none, in a cursor that somebody made up, is refused", async () => {
    for (const label of ["a", "b"])
      await call("POST", `${CONTROLLER}/organizations/${ID}/join-tokens`, { body: { label } });
    for (const message of ["a", "b"]) {
      const body = { message_type: "monitoring", content: message };
      await call("POST", `${INTERNAL}/orchestrators/${ID}/messages`, { body });
    }
    const lists = (await operations()).filter(
      ([method, path, { parameters = [] }]) =>
        method === "GET" && parameters.some(({ name }) => name === "cursor") && !path.includes("undefined"),
    );
    let forged = 0;
    for (const [, path, { parameters = [] }] of lists) {
      const size = parameters.some(({ name }) => name === "page_size") ? "page_size" : "limit";
      const first = await call("GET", `${path}?${size}=1`);
      const cursor = first.body?.data?.next_cursor ?? first.body?.next_cursor;
      if (typeof cursor !== "string") continue;
      const [tag, key] = JSON.parse(atob(cursor.replaceAll("-", "+").replaceAll("_", "/"))) as [string, unknown[]];
      for (const [place, value] of key.entries()) {
        if (typeof value !== "number") continue;
        for (const edge of [-8.64e15, 8.64e15, 1.5, 1e300, -62135596800001, 2 ** 53, -(2 ** 31) - 1]) {
          const made = JSON.stringify([tag, key.with(place, edge)]);
          const answer = await call("GET", `${path}?${size}=1&cursor=${btoa(made).replaceAll("=", "")}`);
          expect([200, 422], `${path} ${made}: ${answer.text.slice(0, 200)}`).toContain(answer.status);
          forged += 1;
        }
      }
    }
    expect(forged).toBeGreaterThan(20);
  });
});
