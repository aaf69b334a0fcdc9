/** The result of a check. `unknown`: the check could not be made, which does not mean that all is well. */
export interface Finding {
  state: "ok" | "warn" | "fail" | "unknown";
  what: string;
  /** What to do about it; empty when all is well. */
  todo: string;
}

/** A finding with the name of the check that made it. */
export interface NamedFinding extends Finding {
  check: string;
}

export function ok(what: string): Finding {
  return { state: "ok", what, todo: "" };
}

/** It works, but somebody should check it. */
export function suspect(what: string, todo: string): Finding {
  return { state: "warn", what, todo };
}

export function wrong(what: string, todo: string): Finding {
  return { state: "fail", what, todo };
}

export function unchecked(what: string, todo: string): Finding {
  return { state: "unknown", what, todo };
}

/** `well` when it holds, else what is wrong. */
export function judge(holds: boolean, well: string, what: string, todo: string): Finding {
  return holds ? ok(well) : wrong(what, todo);
}

/** Runs one check by name. A check that fails to run is reported as unknown, and the others still run. */
export async function check(
  name: string,
  examine: () => Finding | Finding[] | Promise<Finding | Finding[]>,
): Promise<NamedFinding[]> {
  try {
    return [await examine()].flat().map((finding) => ({ check: name, ...finding }));
  } catch (error) {
    return [{ check: name, ...unchecked(`the check failed (${reasonOf(error)})`, "Try again.") }];
  }
}

/** Why a request failed, in a few words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no answer in time";
  // What `fetch` throws says only that it failed.
  const { cause } = error;
  if (cause instanceof Error) return cause.message || ("code" in cause ? String(cause.code) : cause.name);
  return error.message || error.name;
}

const SIGNS = { ok: "✔", warn: "!", fail: "✘", unknown: "?" };

/** One line a finding, with the name of its check, and what to do below it. */
export function report(findings: NamedFinding[]): string {
  const width = Math.max(...findings.map(({ check: name }) => name.length));
  return findings
    .map(({ check: name, state, what, todo }) => {
      const line = `${SIGNS[state]} ${name.padEnd(width)}  ${what}`;
      return todo === "" ? line : `${line}\n  ${" ".repeat(width)}  → ${todo}`;
    })
    .join("\n");
}

/** How it ended, in one line. What could not be looked at is never counted as well. */
export function summary(findings: NamedFinding[]): string {
  const count = (state: Finding["state"]) => findings.filter((finding) => finding.state === state).length;
  const parts = [
    `${count("ok")} in order`,
    count("fail") > 0 && `${count("fail")} wrong`,
    count("warn") > 0 && `${count("warn")} to look at`,
    count("unknown") > 0 && `${count("unknown")} could not be checked`,
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}
