import { createMiddleware } from "hono/factory";
import { findUnkept, toJsonPointer, type UnkeptValue } from "../../common/exact-json.ts";
import { findJsonProblem } from "../contract/json.ts";
import type { AppEnv } from "./app-env.ts";
import { ApiError } from "./errors.ts";

/**
 * Everything that must hold before a schema sees a body: media type, no encoding, size counted while it streams in,
 * valid UTF-8 and JSON within the limits, and nothing in it that `JSON.parse` would turn into something else.
 */
export function jsonBody(maxBytes: number) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const { headers, body } = c.req.raw;
    const length = headers.get("Content-Length");
    const carriesBody = body !== null && length !== "0";
    if (carriesBody) {
      if (!/^application\/json\s*(;|$)/i.test(headers.get("Content-Type") ?? "")) {
        throw new ApiError("unsupported_media_type", "The body must be application/json");
      }
      if (!/^(identity)?$/i.test(headers.get("Content-Encoding") ?? "")) {
        throw new ApiError("unsupported_media_type", "An encoded body is not accepted");
      }
      if (Number(length) > maxBytes) throw tooLarge(maxBytes);
    }
    const text = carriesBody ? decode(await readAtMost(body, maxBytes)) : "";
    if (text.trim() === "") throw new ApiError("invalid_json", "A JSON body is required");
    const problem = findJsonProblem(parse(text));
    if (problem) {
      const details = [{ path: `/body${problem.path}`, code: "custom", message: problem.message }];
      throw new ApiError("validation_failed", "The request is not valid", { details });
    }
    const unkept = findUnkept(text);
    if (unkept.length > 0) {
      throw new ApiError("validation_failed", "The request is not valid", { details: unkept.map(toDetail) });
    }
    // The validators read the body from this cache, where hono keeps promises although its type says otherwise.
    c.req.bodyCache.text = Promise.resolve(text) as unknown as string;
    await next();
  });
}

function toDetail({ kind, path }: UnkeptValue) {
  const message =
    kind === "number" ? "is a number that cannot be kept exactly; send it as text" : "is given twice in one object";
  return { path: `/body${toJsonPointer(path)}`, code: kind === "number" ? "inexact_number" : "repeated", message };
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
