/** What an examination found. `unchecked`: it could not be looked at, and `todo` says what would be needed. */
export interface Finding {
  state: "ok" | "wrong" | "unchecked";
  what: string;
  /** What to do about it; empty when all is well. */
  todo: string;
}

export function ok(what: string): Finding {
  return { state: "ok", what, todo: "" };
}

export function wrong(what: string, todo: string): Finding {
  return { state: "wrong", what, todo };
}

export function unchecked(what: string, todo: string): Finding {
  return { state: "unchecked", what, todo };
}

/** `well` when it holds, else what is wrong. */
export function judge(holds: boolean, well: string, what: string, todo: string): Finding {
  return holds ? ok(well) : wrong(what, todo);
}

const SIGNS = { ok: "✔", wrong: "✘", unchecked: "–" };

/** One line a finding, and what to do below it. */
export function report(findings: Finding[]): string {
  return findings
    .map(({ state, what, todo }) => `${SIGNS[state]} ${what}${todo === "" ? "" : `\n    ${todo}`}`)
    .join("\n");
}
