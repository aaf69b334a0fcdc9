import { type CsvExtent, csvName } from "../../common/csv.ts";
import type { AppContext } from "../middleware/app-env.ts";

/** Answers with a CSV file. Headers, name and last line say whether it is complete. */
export function csvAnswer(c: AppContext, name: string, extent: CsvExtent, body: ReadableStream | string): Response {
  return c.body(body, 200, {
    "Content-Type": "text/csv; charset=utf-8; header=present",
    "Content-Disposition": `attachment; filename="${csvName(name, extent)}"`,
    "X-Total-Count": String(extent.total),
    "X-Export-Complete": String(extent.given === extent.total),
  });
}
