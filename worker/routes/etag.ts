import type { AppContext } from "../middleware/app-env.ts";
import { ApiError } from "../middleware/errors.ts";

export function etagOf(version: number): string {
  return `"${version}"`;
}

/** The version that an edit was made from, in its body or its `If-Match` header. Null: any. */
export function expectedOf(c: AppContext, fromBody: number | undefined): number | null {
  if (fromBody !== undefined) return fromBody;
  const header = c.req.header("If-Match")?.trim();
  if (header === undefined || header === "*") return null;
  const [, version] = /^(?:W\/)?"(\d{1,15})"$/.exec(header) ?? [];
  if (version === undefined) {
    const details = [{ path: "/header/If-Match", code: "custom", message: "must be one ETag of this resource, or *" }];
    throw new ApiError("validation_failed", "The request is not valid", { details });
  }
  return Number(version);
}
