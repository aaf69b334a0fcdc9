import { csvName, readCsvEnd } from "../../../common/csv.ts";
import { formatCount } from "../lib/numbers.ts";
import { notify } from "./toast.tsx";

/** Hands a text to the browser's downloads. */
export function saveFile(name: string, text: string, type = "text/plain"): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // After the browser has taken it over.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves a CSV file, and says in its name and in a notice when it is not all there is. `name` is without the ending. */
export function saveCsv(name: string, text: string): void {
  const extent = readCsvEnd(text);
  if (!extent) {
    return void notify({ tone: "danger", text: "Not saved: the file broke off on its way here. Export it again." });
  }
  const file = csvName(name, extent);
  saveFile(file, text, "text/csv");
  const { given, total, what } = extent;
  if (given < total) {
    const counted = `${formatCount(given)} of ${formatCount(total)} ${what}`;
    notify({ tone: "warning", text: `Not everything is in ${file}: it has ${counted}.`, durationMs: 20_000 });
  } else {
    notify({ tone: "success", text: `${formatCount(given)} ${what} in ${file}.` });
  }
}
