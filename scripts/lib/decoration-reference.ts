import { z } from "zod";
import { app } from "../../worker/app.ts";
import { hasDecoration, itemOf, objectIn, ruleOf } from "../../worker/contract/decoration.ts";
import { type InboundType, inboundSchema } from "../../worker/contract/frames.ts";
import * as limits from "../../worker/contract/values/limits.ts";
import { INBOUND_TYPES } from "./frame-reference.ts";
import { type Schema, table, typeText } from "./schema-text.ts";

const HEAD = ["field", "kind", "part", "a value that cannot be used as it came"];
const REFUSED = "Refuses the frame";

/** The text of docs/core-and-decoration.md, from the schemas that the Worker parses with. */
export function decorationReference(): string {
  const frames = INBOUND_TYPES.map((type) => section(`\`${type}\``, inboundSchema(type as InboundType), REFUSED));
  const bodies = bodiesOfRoutes();
  return `# Core and decoration

Written by \`npm run docs:reference\` from the schemas of the Worker. Do not edit. The reasons are in
[design.md](design.md#core-and-decoration).

Every frame and every body has a **core**, without which it means nothing, and **decoration**. Only a core that cannot be used
refuses it. Decoration is cleaned field by field instead, and values that were dropped or cut are counted and shown: in the activity
and on the page of the orchestrator, once in a session in the log, and in the answer of a REST call (\`dropped\`). It is no strike.

For all decoration: null means absent. A text with U+0000 or half of a surrogate pair, a number that is not finite and a key named
\`__proto__\`, \`constructor\` or \`prototype\` cost the field that has them, and nothing else. In free JSON, a text over
${limits.MAX_FREE_STRING_BYTES / 1024} KiB is cut at a character, and an object with more than ${limits.MAX_JSON_KEYS_PER_OBJECT} keys or deeper than ${limits.MAX_JSON_DEPTH} levels is dropped.

Heartbeats and handshakes (\`i_am_alive\`, \`keepalive\`, \`handshake\`, \`register\`, and registering, joining and heartbeats over REST) also count
when they are not valid JSON: \`NaN\`, \`None\`, single quotes, trailing commas, raw control characters and the like are read as well
as they can be, and a value that cannot be read costs its field. A heartbeat counts even when its text breaks off. On \`/ws\` they may have
${limits.MAX_SIGN_OF_LIFE_BYTES / 1024 / 1024} MiB instead of ${limits.MAX_FRAME_BYTES / 1024} KiB. All other input has to be JSON within the limits.

A value that cannot be kept exactly loses its field as well: a whole number that a double does not hold (2^53+1), and a key that one
object has twice. In a core it refuses.

## Frames

${frames.join("\n")}
## Bodies

${bodies
  .filter(({ schema }) => hasDecoration(schema))
  .map(({ title, schema }) => section(title, schema, "Refuses the request (422)"))
  .join("\n")}
### All other bodies

All their fields are core: an unusable value is refused (422) and named in \`details\`.

${bodies
  .filter(({ schema }) => !hasDecoration(schema))
  .map(({ title }) => `- ${title}`)
  .join("\n")}
`;
}

/** Every route that takes a body. */
function bodiesOfRoutes(): { title: string; schema: z.ZodType }[] {
  return app.openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== "route") return [];
    const { method, path, request } = definition.route;
    const media = request?.body?.content["application/json"];
    const schema = media && "schema" in media ? media.schema : undefined;
    return schema instanceof z.ZodType ? [{ title: `\`${method.toUpperCase()} ${path}\``, schema }] : [];
  });
}

function section(title: string, schema: z.ZodType, refused: string): string {
  const rows = rowsOf(schema, "", refused);
  return `### ${title}

${rows.length > 0 ? table(HEAD, rows) : "Nothing but its type."}
`;
}

function rowsOf(schema: z.core.$ZodType, path: string, refused: string): string[][] {
  const object = objectIn(schema);
  if (!object) return [];
  const rows = Object.entries(object.shape).flatMap(([key, field]) => {
    if (key === "type" && field instanceof z.ZodLiteral) return [];
    const name = path === "" ? key : `${path}.${key}`;
    const rule = ruleOf(field);
    const item = itemOf(field);
    const inner = item ? rowsOf(item, `${name}[]`, "Refuses the item alone") : rowsOf(field, name, refused);
    const kind = item ? "list of objects" : inner.length > 0 ? "object" : kindOf(field);
    const isCore = !rule || rule.isCore;
    const says = [rule?.says, isCore && refused].filter(Boolean).join(". ");
    return [[`\`${name}\``, kind, isCore ? "**core**" : "decoration", says], ...inner];
  });
  if (!object.def.catchall) return rows;
  const free = "As in all free JSON; all of them when there are too many";
  return [...rows, [`\`${path}.…\``, "any other field", "decoration", free]];
}

function kindOf(field: z.core.$ZodType): string {
  const schema = z.toJSONSchema(field, { io: "input", unrepresentable: "any" }) as Schema;
  return typeText(schema);
}
