import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actorName } from "../../worker/contract/actor.ts";
import { type AuditEntry, auditRows } from "../../worker/db/audit-write.ts";

const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  maxLength: 600,
});

describe("an audit row", () => {
  it("is one that Postgres can store, whatever was sent", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, anyText, (actor, targetId, ip, userAgent) => {
        const context = { actor, ip, userAgent, requestId: targetId };
        const entry: AuditEntry = {
          id: crypto.randomUUID(),
          at: 0,
          action: "access.denied",
          targetType: "route",
          targetId,
          organizationId: null,
          before: null,
          after: null,
          context,
        };
        const [row] = JSON.parse(auditRows([entry])) as Record<string, string>[];
        const widths = { actor: 255, target_id: 255, ip: 64, user_agent: 512, request_id: 64 };
        for (const [column, width] of Object.entries(widths)) {
          const text = row?.[column] ?? "";
          expect(text.length).toBeLessThanOrEqual(width);
          expect(text.includes("\u0000")).toBe(false);
          expect(text.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it("has room for the longest actor", () => {
    const name = actorName({ kind: "user", name: `${"n".repeat(249)}😀`, role: "viewer", organizations: null });
    expect(name).toHaveLength(255);
    expect(name.isWellFormed()).toBe(true);
  });
});
