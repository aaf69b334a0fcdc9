import type { z } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { findUnkept, toJsonPointer, type UnkeptValue } from "../../common/exact-json.ts";
import { clean, coreOf, hasDecoration, isDecorative } from "../contract/decoration.ts";
import { findJsonProblem } from "../contract/json.ts";
import { readJson, readTolerantly } from "../contract/read-json.ts";
import type { AppContext, AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/** More problems help nobody. */
const MAX_DETAILS = 20;

interface BodyRules {
  maxBytes: number;
  /** Wrong decoration is dropped and does not refuse the body. */
  schema?: z.ZodType | undefined;
  /** A body that is no JSON is read as far as possible. */
  isTolerant?: boolean | undefined;
}

/**
 * The checks before a schema sees a body: media type, no encoding, size counted while it streams in, valid UTF-8 and
 * JSON within the limits, and nothing that `JSON.parse` would turn into another value.
 */
export function jsonBody({ maxBytes, schema, isTolerant = false }: BodyRules) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { headers, body } = c.req.raw;
    const length = headers.get("Content-Length");
    const carriesBody = body !== null && length !== "0";
    if (carriesBody) {
      assertJsonType(headers.get("Content-Type") ?? "");
      if (!/^(identity)?$/i.test(headers.get("Content-Encoding") ?? "")) {
        throw new ApiError(
          "unsupported_media_type",
          "Encoded bodies are not accepted: send the body without Content-Encoding",
        );
      }
      if (Number(length) > maxBytes) throw tooLarge(maxBytes);
    }
    const text = carriesBody ? decode(await readAtMost(body, maxBytes)) : "";
    if (text.trim() === "") throw new ApiError("invalid_json", "A JSON body is required");
    // The validators read the body from this cache, in which hono keeps promises although its type says otherwise.
    const judged = schema && hasDecoration(schema) ? withoutDecorativeFaults(c, schema, text, isTolerant) : judge(text);
    c.req.bodyCache.text = Promise.resolve(judged) as unknown as string;
    // They judge the parameters of the type by themselves; the code above has done that.
    c.req.raw = withPlainType(c.req.raw);
    await next();
  });
}

/** The text, if all of it is JSON whose values can be kept exactly. */
function judge(text: string): string {
  assertUsable(parse(text));
  assertKept(findUnkept(text));
  return text;
}

/** The body with its decoration cleaned, as text. The context holds the dropped values for the answer. */
function withoutDecorativeFaults(c: AppContext, schema: z.ZodType, text: string, isTolerant: boolean): string {
  const json = readJson(text);
  const { value, dropped } = clean(schema, json === undefined ? readSignOfLife(text, isTolerant) : json);
  if (json !== undefined) assertKept(findUnkept(text, text.length).filter(({ path }) => !isDecorative(schema, path)));
  assertUsable(coreOf(schema, value));
  if (dropped.length > 0) c.set("dropped", dropped);
  return JSON.stringify(value);
}

function readSignOfLife(text: string, isTolerant: boolean): unknown {
  const found = isTolerant ? readTolerantly(text) : undefined;
  // HTTP gives the length of a body, so one that breaks off is refused.
  return found?.isComplete ? found.value : parse(text);
}

function assertKept(unkept: UnkeptValue[]): void {
  if (unkept.length === 0) return;
  throw new ApiError("validation_failed", "The request is not valid", {
    details: unkept.slice(0, MAX_DETAILS).map(toDetail),
  });
}

function assertUsable(json: unknown): void {
  const problem = findJsonProblem(json);
  if (!problem) return;
  const details = [{ path: `/body${problem.path}`, code: "custom", message: problem.message }];
  throw new ApiError("validation_failed", "The request is not valid", { details });
}

function toDetail({ kind, path }: UnkeptValue) {
  const message =
    kind === "number" ? "is a number that cannot be kept exactly; send it as text" : "is given twice in one object";
  return { path: `/body${toJsonPointer(path)}`, code: kind === "number" ? "inexact_number" : "repeated", message };
}

/**
 * Accepts JSON in UTF-8, with any parameters that do not contradict it. Other JSON types
 * (`application/merge-patch+json`) announce another meaning, which the route would ignore.
 */
function assertJsonType(contentType: string): void {
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim());
  if (type.toLowerCase() !== "application/json") {
    throw new ApiError("unsupported_media_type", "The body must be application/json");
  }
  for (const parameter of parameters) {
    const charset = /^charset\s*=\s*"?([^"]*)"?$/i.exec(parameter)?.[1]?.trim();
    if (charset === undefined || /^utf-?8$/i.test(charset)) continue;
    const shown = charset.slice(0, 40);
    throw new ApiError("unsupported_media_type", `The charset ${shown} is not accepted: send the body in UTF-8`);
  }
}

function withPlainType(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.set("Content-Type", "application/json");
  return new Request(request.url, { method: request.method, headers });
}

async function readAtMost(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw tooLarge(maxBytes);
    }
    chunks.push(part.value);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new ApiError("invalid_json", "The body is not valid UTF-8");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError("invalid_json", "The body is not valid JSON");
  }
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError("payload_too_large", `The body must not be larger than ${maxBytes / 1024} KiB`);
}
