/** The parts of JSON Schema that zod and the OpenAPI document use. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  format?: string;
  default?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

export interface Field {
  name: string;
  type: string;
  required: boolean;
  description: string;
}

/** A schema in one line, in the notation of TypeScript; a reference becomes a link to its section. */
export function typeText(schema: Schema): string {
  if (schema.$ref) return linkTo(nameOf(schema.$ref));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" \\| ");
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return [...new Set(variants.map(typeText))].join(" \\| ");
  const [part, ...more] = schema.allOf ?? [];
  if (part && more.every((other) => !other.$ref)) return typeText(part);
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeText({ ...schema, type })).join(" \\| ");
  if (schema.type === "array") return listText(typeText(schema.items ?? {}));
  if (schema.type === "object") return objectText(schema);
  if (schema.type === "string" && schema.format === "date-time") return "ISO 8601 time";
  return schema.type ?? "any JSON";
}

function listText(item: string): string {
  const isUnion = item.includes(" \\| ") && !item.startsWith("{");
  return isUnion ? `(${item})[]` : `${item}[]`;
}

function objectText({ properties, required = [], additionalProperties }: Schema): string {
  if (!properties || Object.keys(properties).length === 0) {
    const values = typeof additionalProperties === "object" ? typeText(additionalProperties) : "any JSON";
    return values === "any JSON" ? "object" : `object of ${values}`;
  }
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? "" : "?"}: ${typeText(schema)}`,
  );
  return `{ ${fields.join(", ")} }`;
}

/** The fields of an object schema, in the order of its declaration. */
export function fieldsOf({ properties = {}, required = [] }: Schema): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    type: typeText(schema),
    required: required.includes(name),
    description: [schema.description, schema.default === undefined ? "" : `Default ${JSON.stringify(schema.default)}`]
      .filter(Boolean)
      .join(". "),
  }));
}

export function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

function linkTo(name: string): string {
  return `[${name}](#schema-${name.toLowerCase()})`;
}

/** A table of Markdown; a cell keeps to one line. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
