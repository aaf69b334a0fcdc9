/** The known severities; others are shown as they are. */
export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Metadata is free-form: a severity is a short text under this key. */
export function severityOf(metadata: Record<string, unknown>): string | null {
  const { severity } = metadata;
  const text = typeof severity === "string" ? severity.trim().toLowerCase() : "";
  return text !== "" && text.length <= 32 ? text : null;
}

export function isSeverity(text: string): text is Severity {
  return SEVERITIES.some((severity) => severity === text);
}
