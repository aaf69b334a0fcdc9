/** The seconds of a `Retry-After` header. A date is measured by the sender's own clock. Null: there is no such header. */
export function retryAfterSec(headers: Headers, now: number): number | null {
  const text = headers.get("Retry-After")?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) > 0 ? Number(text) : null;
  const at = Date.parse(text);
  if (Number.isNaN(at)) return null;
  const sentAt = Date.parse(headers.get("Date") ?? "");
  const waitMs = at - (Number.isNaN(sentAt) ? now : sentAt);
  return waitMs > 0 ? Math.ceil(waitMs / 1000) : null;
}
