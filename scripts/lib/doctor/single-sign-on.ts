import { z } from "zod";
import type { Reply } from "./ask.ts";
import { type Finding, ok, unchecked, wrong } from "./finding.ts";

const methods = z.object({ sso: z.object({ start: z.string() }).nullable() });

/** Whether the button of the login page leads to the provider. `press` asks for where it leads, as a browser would. */
export async function examineSso({ json }: Reply, press: (start: string) => Promise<Reply>): Promise<Finding> {
  const said = methods.safeParse(json).data;
  if (!said) return unchecked("it does not say how people log in", "See above.");
  if (said.sso === null) return ok("not set up: people log in with passwords");
  const { status, header } = await press(said.sso.start);
  const location = header("Location") ?? "";
  if (status === 303 && URL.canParse(location)) return ok(`leads to ${new URL(location).host}`);
  const code = new URLSearchParams(location.split("?")[1] ?? "").get("error");
  return wrong(
    `the button does not lead to the provider (${code ?? status})`,
    "docs/single-sign-on.md says what the code means, and the log what the provider said.",
  );
}
