import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Runs the benchmarks named on the command line, or all of them, one after the other. */
const files = (await readdir(import.meta.dirname)).filter((file) => file.endsWith(".ts") && file !== "run.ts").sort();
const names = files.map((file) => file.replace(/\.ts$/, ""));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}. There are: ${names.join(", ")}.`);
  process.exit(2);
}
for (const name of wanted.length > 0 ? wanted : names) {
  await import(pathToFileURL(join(import.meta.dirname, `${name}.ts`)).href);
}
