import { MESSAGE_SEVERITIES } from "../../../../worker/contract/values/messages.ts";

export type Severity = (typeof MESSAGE_SEVERITIES)[number];

/** Metadata is free-form: a severity is a short text under this key. */
export function severityOf(metadata: Record<string, unknown>): string | null {
  const { severity } = metadata;
  const text = typeof severity === "string" ? severity.trim().toLowerCase() : "";
  return text !== "" && text.length <= 32 ? text : null;
}

export function isSeverity(text: string): text is Severity {
  return MESSAGE_SEVERITIES.some((severity) => severity === text);
}
