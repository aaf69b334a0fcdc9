import { describe, expect, it } from "vitest";
import { CONTROLLER, call, INTERNAL, register } from "./api.ts";

const ids = (answer: { body: { data: { items: { organization_id: string }[] } } }) =>
  answer.body.data.items.map((item) => item.organization_id);
const find = async (q: string) => ids(await call("GET", `${CONTROLLER}/organizations?q=${encodeURIComponent(q)}`));

describe("searching", () => {
  it.each([
    ["srt-cafe", "Café Größe", ["cafe\u0301", "CAFÉ", "cafe", "größe", "GROSSE", "GRÖẞE", "ｃａｆé"]],
    ["srt-sisyphos", "Σίσυφος", ["ΣΊΣΥΦΟΣ", "σισυφοσ", "σίσυφος"]],
    ["srt-istanbul", "İstanbul IĞDIR", ["istanbul", "ISTANBUL", "ığdır", "igdir"]],
    ["srt-elka", "Ёлка", ["ЁЛКА", "ёлка", "елка"]],
    ["srt-hidden", "Real\u200bBank", ["realbank"]],
    ["srt-percent", "100%_sure\\ok", ["100%", "%_S", "\\ok"]],
  ])("B21: %s is found as people write it", async (id, name, searches) => {
    await call("POST", `${CONTROLLER}/organizations`, { body: { org_id: id, name } });
    for (const q of searches) expect(await find(q), q).toContain(id);
    expect(await find("100_")).not.toContain("srt-percent");
  });

  it("B21 sibling: locations by a glob, orchestrators, messages, users and audit are searched alike", async () => {
    await register("srt-more", { name: "Ärzte Süd", location: "Zürich" });
    const list = await call("GET", `${CONTROLLER}/organizations?location=${encodeURIComponent("ZU\u0308R*")}`);
    expect(ids(list)).toContain("srt-more");
    const q = encodeURIComponent("ÄRZTE su\u0308d");
    const found = await call("GET", `${INTERNAL}/orchestrators?q=${q}`);
    expect(JSON.stringify(found.body.data ?? found.body)).toContain("srt-more");
    await call("POST", `${INTERNAL}/orchestrators/srt-more/messages`, {
      body: { message_type: "monitoring", content: "Die Straße ist gesperrt" },
    });
    const messages = await call("GET", `${INTERNAL}/messages?q=STRASSE&orchestrator_id=srt-more`);
    expect(messages.text).toContain("gesperrt");
    await call("POST", `${CONTROLLER}/users`, { body: { username: "jürgen", role: "viewer" } });
    expect((await call("GET", `${CONTROLLER}/users?q=JU%CC%88RGEN`)).text).toContain("jürgen");
    expect((await call("GET", `${CONTROLLER}/audit?q=J%C3%9CRGEN`)).text).toContain("jürgen");
  });
});

describe("sorting", () => {
  it("B21: names stand where a reader looks for them, Ä near A, whatever the case", async () => {
    const names = ["Zebra", "äpfel", "Apfel", "Ångström", "banane", "Österreich", "Oslo", "Éclair", "Łódź", "lodz"];
    for (const [index, name] of names.entries()) {
      await call("POST", `${CONTROLLER}/organizations`, {
        body: { org_id: `ord-${index}`, name, location: "srt-ordered" },
      });
    }
    const sorted = async (sort: string) =>
      (await call("GET", `${CONTROLLER}/organizations?location=srt-ordered&sort=${sort}`)).body.data.items.map(
        (item: { name: string }) => item.name,
      );
    const wanted = ["Ångström", "äpfel", "Apfel", "banane", "Éclair", "Łódź", "lodz", "Oslo", "Österreich", "Zebra"];
    expect(await sorted("name")).toEqual(wanted);
    // Equal ones stay in the order of their ids.
    expect((await sorted("-name"))[0]).toBe("Zebra");
  });
});
