import { afterEach, describe, expect, it, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { CONTROLLER, call, register } from "./api.ts";
import { personWithSession } from "./people.ts";
import { crowdShard, evict } from "./shards.ts";
import { openStream, TestViewer, type ViewerOptions } from "./viewer.ts";

const PER_ACCOUNT = 100;
const PER_ORGANIZATION = 300;
const OVER_ACCOUNT = `4430: Your account has ${PER_ACCOUNT} live views open, which is the limit.`;
const OVER_ORGANIZATION = `4430: This organization has ${PER_ORGANIZATION} live views open, which is the limit.`;

afterEach(() => {
  vi.restoreAllMocks();
});

/** So few at a time that each is ready before anybody would give up. */
async function open(count: number, optionsOf: (index: number) => ViewerOptions): Promise<TestViewer[]> {
  const viewers: TestViewer[] = [];
  while (viewers.length < count) {
    const indices = Array.from({ length: Math.min(100, count - viewers.length) }, (_, index) => viewers.length + index);
    viewers.push(...(await Promise.all(indices.map((index) => TestViewer.open(optionsOf(index))))));
  }
  return viewers;
}

const closed = (viewers: TestViewer[]) => viewers.filter(({ closeCode }) => closeCode !== null);

describe("the places of viewers at one shard", () => {
  it("are a thousand; when all accounts have as many, the next one is told to come later", async () => {
    const { stub } = crowdShard("popular");
    const viewers = await open(1_000, (index) => ({ shard: stub, name: `viewer-${index}` }));
    await expect(TestViewer.open({ shard: stub })).rejects.toThrow(
      "4430: All live views of this controller are in use.",
    );
    expect(closed(viewers)).toEqual([]);
    viewers[0]?.close();
    await eventually(() => TestViewer.open({ shard: stub }));
  });

  it("are there for somebody else although 21 accounts of one organization want all of them", async () => {
    const { stub } = crowdShard("greedy-organization");
    const organizations = ["greedy"];
    const greedy = (index: number) => ({ shard: stub, organizations, account: `user:greedy-${index % 21}` });
    await open(PER_ORGANIZATION, greedy);
    await expect(TestViewer.open(greedy(0))).rejects.toThrow(OVER_ORGANIZATION);
    await TestViewer.open({ shard: stub, organizations: ["modest"], name: "modest" });
    await TestViewer.open({ shard: stub, name: "operator" });
  });

  it("are given up by who has most of them for who has fewer, when all are taken", async () => {
    const { stub } = crowdShard("greedy-many");
    const greedy = await open(1_000, (index) => {
      const tenant = index % 4;
      return { shard: stub, organizations: [`greedy-${tenant}`], account: `user:${tenant}-${index % 12}` };
    });
    const modest = await TestViewer.open({ shard: stub, organizations: ["modest"], name: "modest" });
    expect(modest.closeCode).toBeNull();
    await eventually(() => expect(closed(greedy)).toHaveLength(1));
    expect(closed(greedy)[0]).toMatchObject({
      closeCode: 4430,
      closeReason: expect.stringContaining("closed for another account"),
    });
  });

  it("count for an account whatever it comes with, hibernated or not", async () => {
    const { stub } = crowdShard("greedy");
    const own = await open(PER_ACCOUNT, (index) => ({
      shard: stub,
      name: `token-${index % 21}`,
      account: "user:greedy",
    }));
    const more = { shard: stub, name: "one more token", account: "user:greedy" };
    await expect(TestViewer.open(more)).rejects.toThrow(OVER_ACCOUNT);
    await evict(stub);
    await expect(TestViewer.open(more)).rejects.toThrow(OVER_ACCOUNT);
    await TestViewer.open({ shard: stub, name: "modest" });
    own[0]?.close();
    await eventually(() => TestViewer.open(more));
  });
});

describe("the tokens of one person", () => {
  it("are that person's, and the wall screens that show with one too", async () => {
    await register("places-a");
    const maker = await personWithSession("places-maker", "admin", ["places-a"]);
    const tokens = await Promise.all(
      ["one", "two", "three"].map(async (name) => {
        const body = { name, scopes: ["read"], organizations: ["places-a"] };
        const answer = await call("POST", `${CONTROLLER}/api-tokens`, { bearer: maker.bearer, body });
        return { Authorization: `Bearer ${answer.body.data.api_token}` };
      }),
    );
    const viewers = await open(PER_ACCOUNT, (index) => ({ headers: tokens[index % 3] ?? {} }));
    const [token = { Authorization: "" }] = tokens;
    await expect(TestViewer.open({ headers: token })).rejects.toThrow(OVER_ACCOUNT);
    const session = { Authorization: `Bearer ${maker.bearer}` };
    await expect(TestViewer.open({ headers: session })).rejects.toThrow(OVER_ACCOUNT);
    const cookie = `__Host-moolai_session=${token.Authorization.slice("Bearer ".length)}`;
    const screen = await openStream("", { Upgrade: "websocket", Cookie: cookie, Origin: "http://controller.test" });
    const close = new Promise<CloseEvent>((resolve) => screen.webSocket?.addEventListener("close", resolve));
    screen.webSocket?.accept();
    expect((await close).code).toBe(4430);
    for (const viewer of viewers) viewer.close();
  });
});
