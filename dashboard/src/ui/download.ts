import { csvName, readCsvEnd } from "../../../common/csv.ts";
import { formatCount } from "../lib/numbers.ts";
import { notify } from "./toast.tsx";

/** Saves a text as a download. */
export function saveFile(name: string, text: string, type = "text/plain"): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // Late enough for the browser to have started the download.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Saves a CSV file. If it is incomplete, its name and a notice say so. `name` has no extension. */
export function saveCsv(name: string, text: string): void {
  const extent = readCsvEnd(text);
  if (!extent) {
    return void notify({ tone: "danger", text: "Not saved: the download was interrupted. Export again." });
  }
  const file = csvName(name, extent);
  saveFile(file, text, "text/csv");
  const { given, total, what } = extent;
  if (given < total) {
    const counted = `${formatCount(given)} of ${formatCount(total)} ${what}`;
    notify({ tone: "warning", text: `${file} is incomplete: it contains ${counted}.`, durationMs: 20_000 });
  } else {
    notify({ tone: "success", text: `Exported ${formatCount(given)} ${what} to ${file}` });
  }
}
