/** What of a JSON schema the documents use for what comes in. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
}

/**
 * A secret of its own for every place where a text may stand, each in a form that somebody would use: the password of an
 * address, a text under a name for a secret, a header. A leak so says which field of which door it came in by.
 */
export class Canaries {
  readonly #places: string[] = [];
  readonly #plain: ((word: string) => string) | null;

  /** `plain`: no secrets, but texts of this kind around the words, to follow where they go. */
  constructor({ plain = null }: { plain?: ((word: string) => string) | null } = {}) {
    this.#plain = plain;
  }

  /** All words, each with the place it was put. */
  get words(): Map<string, string> {
    return new Map(this.#places.map((place, index) => [wordOf(index), place]));
  }

  of(place: string): string {
    this.#places.push(place);
    return wordOf(this.#places.length - 1);
  }

  /** A value that the schema describes. `known`: what has to stand in a field of that name for the request to be taken. */
  fill(door: string, schema: object, known: Record<string, unknown>, schemas: Record<string, object> = {}): unknown {
    return this.#fill(schema, { door, known, schemas, path: [] });
  }

  #fill(schema: Schema, at: Place): unknown {
    const { known, schemas, path } = at;
    const name = path.at(-1) ?? "";
    if (Object.hasOwn(known, name)) return known[name];
    if (schema.$ref) return this.#fill(schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}, at);
    const choices = schema.anyOf ?? schema.oneOf;
    if (choices) return this.#fill(choices.find(({ type }) => type !== "null") ?? {}, at);
    if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => this.#fill(part, at)));
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
    if (type === "integer" || type === "number") return Math.max(schema.minimum ?? 1, 1);
    if (type === "boolean") return true;
    if (type === "array") return [this.#fill(schema.items ?? {}, at)];
    if (type === "string") return this.#text(schema, at);
    const fields = Object.entries(schema.properties ?? {}).map(([key, value]): [string, unknown] => [
      key,
      this.#fill(value, { ...at, path: [...path, key] }),
    ]);
    const isFree = schema.additionalProperties !== false && (fields.length === 0 || schema.additionalProperties);
    return {
      ...(isFree ? this.#free(at) : {}),
      ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
    };
  }

  #text(schema: Schema, at: Place): string | undefined {
    if (schema.format === "date-time") return new Date().toISOString();
    const isAddress = /url|website|endpoint/.test(at.path.at(-1) ?? "");
    const textWith = (word: string) => {
      if (this.#plain) return isAddress ? `https://acme.example/?q=${this.#plain(word)}` : this.#plain(word);
      return isAddress ? `https://acme.example/x?token=${word}` : `https://ada:${word}@acme.example/`;
    };
    // Not every id has room for a secret.
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(textWith(wordOf(0)))) return undefined;
    return textWith(this.of(`${at.door} ${at.path.join(".")}`));
  }

  /** An object in which anything may stand. */
  #free({ door, path }: Place): Record<string, unknown> {
    const word = (form: string) => this.of(`${door} ${[...path, form].join(".")}`);
    if (this.#plain) {
      const [note, list, key] = [word("note"), word("list"), word("key")].map(this.#plain);
      return { note, nested: { list: [list] }, [String(key)]: 1 };
    }
    return {
      password: word("password"),
      note: `Authorization: Bearer ${word("note")}`,
      dsn: `postgresql://ada:${word("dsn")}@db.internal/acme`,
      nested: { list: [{ api_key: word("nested") }, `token=${word("list")}`], depth: 2 },
      [`token=${word("key")}`]: true,
    };
  }
}

interface Place {
  door: string;
  known: Record<string, unknown>;
  schemas: Record<string, object>;
  path: string[];
}

/** No word is a part of another, and each looks like a credential: it has digits and capitals. */
function wordOf(index: number): string {
  return `Cn${String(index).padStart(4, "0")}Xq7`;
}
